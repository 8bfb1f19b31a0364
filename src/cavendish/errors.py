"""Every error a caller can see: one class per code, with its HTTP status and a sentence that tells the way out.

The first eleven codes, their statuses and titles are the API text's own table; the rest are documented extensions.
A test ties this list to the documentation. Engines have a tree of their own in `engines/base.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class CavendishError(Exception):
    """Base of all errors that Cavendish raises on purpose."""


class ApiError(CavendishError):
    """An answer other than success: `code` and `status` are fixed by the class, the sentence may be more exact.

    Args:
        message: A sentence for the caller that names the value and the way out; the class's own title without it.
        retry_after_seconds: When to try again, sent as `Retry-After`.
        quota: Where the caller's rate limit stands (`rate_limits.Quota`), once it is known.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, message: str | None = None, *, retry_after_seconds: int | None = None) -> None:
        self.message = message or self.title
        self.retry_after_seconds = retry_after_seconds
        self.quota: Any = None
        super().__init__(self.message)


class LoginRequired(ApiError):
    code, status, title = "LOGIN_REQUIRED", 401, "Authentication required"


class RateLimitExceeded(ApiError):
    code, status, title = "API_KEY_RATE_LIMIT_EXCEEDED", 429, "Rate limit exceeded"


class InsufficientCredits(ApiError):
    code, status, title = "INSUFFICIENT_CREDITS", 402, "Not enough credits"


class InvalidPrompt(ApiError):
    code, status, title = "INVALID_PROMPT", 400, "Prompt is missing or empty"


class MissingInputImage(ApiError):
    code, status, title = "MISSING_INPUT_IMAGE", 400, "Edit mode requires input images"


class TooManyImages(ApiError):
    code, status, title = "TOO_MANY_IMAGES", 400, "More than 14 input images"


class ImageUrlsRequired(ApiError):
    code, status, title = "IMAGE_URLS_REQUIRED", 400, "API calls require inputImageUrls for edit mode"


class CreditReservationFailed(ApiError):
    code, status, title = "CREDIT_RESERVATION_FAILED", 500, "Failed to reserve credits"


class GenerationFailed(ApiError):
    code, status, title = "GENERATION_FAILED", 500, "Image generation failed"


class NotFound(ApiError):
    code, status, title = "NOT_FOUND", 404, "Generation ID not found"


class Forbidden(ApiError):
    code, status, title = "FORBIDDEN", 403, "Access denied (not your generation)"


class InvalidInput(ApiError):
    code, status, title = "INVALID_INPUT", 400, "A parameter is missing or not valid"


class PayloadTooLarge(ApiError):
    code, status, title = "PAYLOAD_TOO_LARGE", 413, "The request body is too large"


class MethodNotAllowed(ApiError):
    code, status, title = "METHOD_NOT_ALLOWED", 405, "This path does not take that method"


class IdempotencyKeyReused(ApiError):
    code, status, title = "IDEMPOTENCY_KEY_REUSED", 422, "This Idempotency-Key was used with another body"


class ServiceBusy(ApiError):
    code, status, title = "SERVICE_BUSY", 503, "The service is busy; try again shortly"


class InternalError(ApiError):
    code, status, title = "INTERNAL_ERROR", 500, "An unexpected error happened"


class ContentBlocked(ApiError):
    """On a failed generation: a safety filter declined the prompt, an input or the picture."""

    code, status, title = "CONTENT_BLOCKED", 200, "The content was declined by a safety filter"


class InputImageFailed(ApiError):
    """On a failed generation: an input image could not be fetched or read. One text for refused and unreachable."""

    code, status, title = "INPUT_IMAGE_FAILED", 200, "An input image could not be fetched or read"


class Cancelled(ApiError):
    """On a failed generation: it was cancelled."""

    code, status, title = "CANCELLED", 200, "The generation was cancelled"


class Expired(ApiError):
    """On a failed generation: its deadline passed. On an image: it was deleted by the retention rule (410)."""

    code, status, title = "EXPIRED", 410, "The generation expired"


CODES: dict[str, type[ApiError]] = {
    error.code: error
    for error in (
        LoginRequired,
        RateLimitExceeded,
        InsufficientCredits,
        InvalidPrompt,
        MissingInputImage,
        TooManyImages,
        ImageUrlsRequired,
        CreditReservationFailed,
        GenerationFailed,
        NotFound,
        Forbidden,
        InvalidInput,
        PayloadTooLarge,
        MethodNotAllowed,
        IdempotencyKeyReused,
        ServiceBusy,
        InternalError,
        ContentBlocked,
        InputImageFailed,
        Cancelled,
        Expired,
    )
}


class DatabaseUnavailable(CavendishError):
    """The database did not answer in time or refused the connection; nothing is known about the statement's effect."""


class ConfigurationError(CavendishError):
    """A setting is missing or wrong; the message names it and the way out."""


class ClusterUnavailable(CavendishError):
    """The embedded PostgreSQL cannot run here; the message says why and what to do instead."""
