"""Every error a caller can see: one class per code, with its HTTP status, its title, what it means and the way out.

The first eleven codes, their statuses and titles are the API text's own table; the rest are documented extensions.
`docs/errors.md` and the page `/docs` are made from these classes. Engines have a tree of their own in
`engines/base.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class CavendishError(Exception):
    """Base of all errors that Cavendish raises on purpose."""


class ApiError(CavendishError):
    """An answer other than success: `code` and `status` are fixed by the class, the sentence may be more exact.

    `meaning` is for the documents: what happened, and the way out; `…` marks code in it. A class that
    `ends_generations` is also the code of a generation that failed, in a 200 from check-status.

    Args:
        message: A sentence for the caller that names the value and the way out; the class's own title without it.
        retry_after_seconds: When to try again, sent as `Retry-After`.
        quota: Where the caller's rate limit stands (`rate_limits.Quota`), once it is known.
        of_order: What was ordered made the generation fail, and nobody who should have made it: such failures are
            refunded, and counted.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    meaning: ClassVar[str]
    ends_generations: ClassVar[bool] = False
    of_order: bool = False

    def __init__(
        self, message: str | None = None, *, retry_after_seconds: int | None = None, of_order: bool = False
    ) -> None:
        self.of_order = self.of_order or of_order
        self.message = message or self.title
        self.retry_after_seconds = retry_after_seconds
        self.quota: Any = None
        super().__init__(self.message)

    @classmethod
    def statuses(cls) -> list[int]:
        """The statuses of answers that carry this code."""
        return sorted({cls.status, 200} if cls.ends_generations else {cls.status})


class LoginRequired(ApiError):
    code, status, title = "LOGIN_REQUIRED", 401, "Authentication required"
    meaning = (
        "No API key came with the request, or it is mistyped, unknown or revoked. Send `Authorization: Bearer"
        " YOUR_API_KEY` or `x-api-key`; the operator makes keys with `cavendish keys create`."
    )


class RateLimitExceeded(ApiError):
    code, status, title = "API_KEY_RATE_LIMIT_EXCEEDED", 429, "Rate limit exceeded"
    meaning = (
        "The key made more generate calls than its limit allows, 100 an hour by default; or all keys of the account"
        " did, where the operator limits that; or more than 100 generations of the account in an hour failed for what"
        " they asked for, and were refunded; or it looks through its prompts several times at once. The message"
        " says which, and `Retry-After` when to go on; status checks are never counted. The operator can allow more."
    )


class InsufficientCredits(ApiError):
    code, status, title = "INSUFFICIENT_CREDITS", 402, "Not enough credits"
    meaning = (
        "The account's balance is below the price; the message names both. Nothing was created or held. The operator"
        " adds credits with `cavendish credits grant`."
    )


class InvalidPrompt(ApiError):
    code, status, title = "INVALID_PROMPT", 400, "Prompt is missing or empty"
    meaning = (
        "`prompt` is missing, empty, not a string, longer than 20,000 characters, or contains a NUL character."
        " Describe the picture in `prompt`."
    )


class MissingInputImage(ApiError):
    code, status, title = "MISSING_INPUT_IMAGE", 400, "Edit mode requires input images"
    meaning = (
        "`mode` is `edit` and `inputImageUrls` is missing or empty. Put 1 to 14 public image URLs into it (at most 8"
        " on the nano-banana-pro paths), or send `generate` as `mode`."
    )


class TooManyImages(ApiError):
    code, status, title = "TOO_MANY_IMAGES", 400, "More than 14 input images"
    meaning = "`inputImageUrls` has more than 14 entries, or more than 8 on the nano-banana-pro paths. Send fewer."


class ImageUrlsRequired(ApiError):
    code, status, title = "IMAGE_URLS_REQUIRED", 400, "API calls require inputImageUrls for edit mode"
    meaning = (
        "`mode` is `edit`, and the pictures came as data in `inputImages`. Put them where they have a public URL and"
        " send that in `inputImageUrls`."
    )


class CreditReservationFailed(ApiError):
    code, status, title = "CREDIT_RESERVATION_FAILED", 500, "Failed to reserve credits"
    meaning = (
        "The database refused to set the credits aside. Nothing was created or charged. Try again; if it stays, the"
        " operator finds the cause in the log."
    )


class GenerationFailed(ApiError):
    code, status, title = "GENERATION_FAILED", 500, "Image generation failed"
    ends_generations = True
    meaning = (
        "From generate (500): no engine serves this model here; ask your operator. On a failed generation (200): the"
        " engine could not make the picture, the message says why, and the credits were returned; send it again as a"
        " new generation."
    )


class NotFound(ApiError):
    code, status, title = "NOT_FOUND", 404, "Generation ID not found"
    meaning = (
        "There is no generation with this id, no picture with this name, or nothing at this path. Use `generationId`"
        " and `imageUrl` exactly as they were answered."
    )


class Forbidden(ApiError):
    code, status, title = "FORBIDDEN", 403, "Access denied (not your generation)"
    meaning = "The generation belongs to another account. Use a key of the account that created it."


class InvalidInput(ApiError):
    code, status, title = "INVALID_INPUT", 400, "A parameter is missing or not valid"
    meaning = (
        "A parameter is missing or not valid, or the body is not a JSON object; or no engine of the model can make this"
        " here. The message names the parameter and what is allowed."
    )


class PayloadTooLarge(ApiError):
    code, status, title = "PAYLOAD_TOO_LARGE", 413, "The request body is too large"
    meaning = (
        "The request body is over 320 KiB, or over 64 MiB on the faces of other APIs, where pictures may come in it."
        " Send pictures as URLs in `inputImageUrls`, not as data; the message says what else there is."
    )


class MethodNotAllowed(ApiError):
    code, status, title = "METHOD_NOT_ALLOWED", 405, "This path does not take that method"
    meaning = "The path exists and does not take this method. The `Allow` header says which it takes."


class TooLateToCancel(ApiError):
    code, status, title = "TOO_LATE_TO_CANCEL", 409, "The generation cannot be cancelled any more"
    meaning = (
        "The generation has ended, or is being made by an engine that may be paid for what it has begun; then its"
        " picture comes. The message says which; check-status says what became of it."
    )


class IdempotencyKeyReused(ApiError):
    code, status, title = "IDEMPOTENCY_KEY_REUSED", 422, "This Idempotency-Key was used with another body"
    meaning = "This `Idempotency-Key` already stands for a request with another body. Use a new key for a new request."


class ServiceBusy(ApiError):
    code, status, title = "SERVICE_BUSY", 503, "The service is busy; try again shortly"
    meaning = (
        "The service is restarting, or cannot reach its database or storage. Wait for the seconds in `Retry-After`"
        " and send the request again; a generate call with an `Idempotency-Key` is safe to repeat."
    )


class InternalError(ApiError):
    code, status, title = "INTERNAL_ERROR", 500, "An unexpected error happened"
    meaning = (
        "A fault in the service. The `X-Request-Id` of the answer finds it in the operator's log. A generate call"
        " with an `Idempotency-Key` is safe to repeat."
    )


class ContentBlocked(ApiError):
    code, status, title = "CONTENT_BLOCKED", 200, "The content was declined by a safety filter"
    ends_generations = True
    of_order = True
    meaning = (
        "Only on a failed generation: a safety filter declined the prompt, an input image or the picture. The credits"
        " were returned. Change the prompt or the image."
    )


class SafeguardRefused(ApiError):
    code, status, title = "SAFEGUARD_REFUSED", 200, "The prompt was refused by a safeguard"
    ends_generations = True
    of_order = True
    meaning = (
        "Only on a failed generation: its words ask for what this service never makes, whoever draws: sexualised"
        " minors, or intimate pictures of real people. No engine saw it, and the credits were returned. Words alone do"
        " not tell what was meant: where it was something else, the operator can let it pass."
    )


class InputImageFailed(ApiError):
    # One text for refused and unreachable: what our network can reach is nobody's business.
    code, status, title = "INPUT_IMAGE_FAILED", 200, "An input image could not be fetched or read"
    ends_generations = True
    of_order = True
    meaning = (
        "Only on a failed generation: an input image could not be fetched or read; the message names its place in"
        " `inputImageUrls`. The credits were returned. Give a public URL of a PNG, JPEG, WebP, GIF or AVIF picture"
        " of at most 20 MB and 40 megapixels."
    )


class Cancelled(ApiError):
    code, status, title = "CANCELLED", 200, "The generation was cancelled"
    ends_generations = True
    meaning = "Only on a failed generation: its owner cancelled it, or the operator did, and the credits were returned."


class Expired(ApiError):
    code, status, title = "EXPIRED", 410, "The generation expired"
    ends_generations = True
    meaning = (
        "On a failed generation (200): it was not finished by its deadline, 10 minutes after it was created unless"
        " the operator set another, and the credits were returned; send it again. On a generation whose picture was"
        " deleted because its time to be kept was over (200), and at that picture's own address (410): it is gone."
    )


class Deleted(ApiError):
    code, status, title = "DELETED", 410, "The picture was deleted by its owner"
    ends_generations = True
    meaning = (
        "On a generation whose picture its owner deleted (200), and at that picture's own address (410): it is gone for"
        " good, and what it cost stays."
    )


class UnknownHost(ApiError):
    code, status, title = "UNKNOWN_HOST", 421, "Not a name of this service"
    meaning = (
        "Pages, `/metrics` and whatever needs no key or comes with a browser's cookie are served under names of the"
        " service only. Open it by its own name, or ask the operator to allow the one you use. Calls with a key,"
        " pictures, `/healthz` and `/readyz` work under any name."
    )


# By code, in the order of the classes above.
CODES: dict[str, type[ApiError]] = {error.code: error for error in ApiError.__subclasses__()}


# What a filter says no to: the faces have one word for both.
DECLINED = (ContentBlocked, SafeguardRefused)


def shown(value: object, *, characters_max: int = 60) -> str:
    """A caller's value as an error message may show it."""
    import orjson  # here, for the supervisor loads this module and has no JSON to read

    try:
        text = f"'{value}'" if isinstance(value, str) else orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested deeper than orjson writes, which is less deep than it reads
        text = "[…]"
    text = "".join(character if character.isprintable() else "�" for character in text)
    return text if len(text) <= characters_max else text[:characters_max] + "…"


class DatabaseUnavailable(CavendishError):
    """The database did not answer in time or refused the connection; nothing is known about the statement's effect."""


class ConfigurationError(CavendishError):
    """A setting is missing or wrong; the message names it and the way out."""


class ClusterUnavailable(CavendishError):
    """The embedded PostgreSQL cannot run here; the message says why and what to do instead."""
