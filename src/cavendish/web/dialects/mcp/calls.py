"""What the tools do: each reads its arguments, calls the use cases, and shows their answer."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from cavendish import clock
from cavendish.application.access import account as accounts
from cavendish.application.generations import catalogue, own, preview, upload, validate, wait
from cavendish.application.generations import submit as generations
from cavendish.application.generations.submit import Submitted
from cavendish.application.generations.validate import Asked
from cavendish.application.services import Services
from cavendish.errors import ApiError, DatabaseUnavailable, Forbidden, InvalidInput, NotFound, PayloadTooLarge, shown
from cavendish.models import MODELS, Caller, Mode, State, Status
from cavendish.stores.generations import IdempotencyKey
from cavendish.web.dialects.mcp import pictures, results, tools
from cavendish.web.dialects.mcp.results import Result, Shown
from cavendish.web.dialects.mcp.wire import INVALID_PARAMS, Call, Refused
from cavendish.web.http import address, context, responses, submitting

_PREVIEW_SECONDS_MIN = 1.0  # where the wait has used all its time up: the strictest known client leaves 2 s
_UNKNOWN = f"Generation ID not found; use the id that {tools.GENERATE} answered with"


@dataclass(frozen=True, slots=True)
class Asker:
    """One call of a tool, and who makes it. `watch` runs from its beginning, for the answer has its time as a whole."""

    request: Request
    caller: Caller
    call: Call
    watch: clock.Stopwatch = field(default_factory=clock.Stopwatch)

    @property
    def services(self) -> Services:
        return context.services(self.request)

    @property
    def shown(self) -> Shown:
        return Shown(address.of(self.request), self.call)


@dataclass(frozen=True, slots=True)
class Following:
    """A generation whose end is waited for, up to `seconds` from the call's beginning.

    Attributes:
        submitted: It was ordered by this call; from then on the answer is never an error of this call.
        warnings: What the call itself did not honour.
    """

    generation_id: str
    seconds: float
    submitted: Submitted | None = None
    warnings: tuple[str, ...] = ()


async def called(asker: Asker) -> Result | Following:
    """Call the tool: its answer, or what is to be waited for before there is one.

    Raises:
        Refused: there is no such tool, or its arguments are no object.
    """
    name, arguments = asker.call.params.get("name"), asker.call.params.get("arguments") or {}
    if name not in _TOOLS:
        raise Refused(INVALID_PARAMS, f"There is no tool {shown(name)}; tools/list lists those there are")
    if not isinstance(arguments, dict):
        raise Refused(INVALID_PARAMS, "arguments must be an object")
    said = {key: value for key, value in arguments.items() if value is not None}
    try:
        return await _TOOLS[name](asker, said)
    except (ApiError, DatabaseUnavailable) as exc:
        return results.refusal(asker.shown, responses.api_error(exc), ordering=name in (tools.GENERATE, tools.EDIT))


async def followed(asker: Asker, following: Following) -> AsyncIterator[Status]:
    """The generation's state, at once and whenever something may have changed, until it has ended or the time is up.

    Raises:
        NotFound, ServiceBusy: nothing is known of it; never of what this call ordered.
    """
    services, seen = asker.services, False
    with services.notifications.watch(following.generation_id) as change:
        while True:
            change.clear()
            try:
                status = await services.statuses.read(asker.caller, following.generation_id)
            except (NotFound, Forbidden) as exc:  # in one word: whose it is, is nobody else's business
                raise NotFound(_UNKNOWN) from exc
            except (ApiError, DatabaseUnavailable) as exc:
                if following.submitted is None and not seen:
                    raise responses.api_error(exc) from exc
                return
            seen = True
            yield status
            left = following.seconds - asker.watch.seconds
            if State(status.state).terminal or left <= 0 or services.draining:
                return
            await wait.until_changed(change, min(left, services.notifications.patience_seconds))


async def concluded(asker: Asker, following: Following, last: Status | None) -> Result:
    """The answer, by the generation's last known state."""
    if last is None:
        ordered = following.submitted
        assert ordered is not None
        return results.of_order(
            asker.shown,
            following.generation_id,
            price=ordered.price,
            balance=ordered.balance,
            warnings=following.warnings,
        )
    left = max(_PREVIEW_SECONDS_MIN, following.seconds - asker.watch.seconds)
    small = await preview.made(asker.services, last, seconds=left)
    return results.of_status(asker.shown, last, small, following.warnings)


async def _generate(asker: Asker, arguments: dict[str, Any]) -> Following:
    return await _order(asker, arguments, Mode.GENERATE)


async def _edit(asker: Asker, arguments: dict[str, Any]) -> Following:
    return await _order(asker, arguments, Mode.EDIT)


async def _order(asker: Asker, arguments: dict[str, Any], mode: Mode) -> Following:
    services, caller = asker.services, asker.caller
    named = arguments.get(tools.IDEMPOTENCY_KEY, asker.request.headers.get("idempotency-key"))
    if named is None:
        services.rate_limiter.check(caller)  # a replay is answered also when nothing is left of the limit
    here = address.of(asker.request)
    try:
        asked = _asked(asker, arguments, mode)
        submission = validate.checked(_without_data(asked, here), services.settings, address=here)
        key = _key(asker, named, arguments)
    except ApiError as error:
        await submitting.read_limit(asker.request, caller, error)
        raise
    submitted = None
    if _without_data(asked, here) is not asked:
        submitted = next(iter(await generations.standing(services, caller, key)), None) if key else None
        if submitted is None:
            submission = validate.checked(await _uploaded(asker, asked, here), services.settings, address=here)
    if submitted is None:
        submitted = await generations.submit(services, caller, submission, key)
    told = ("It was ordered before under this idempotency_key; nothing more is charged.",) if submitted.replayed else ()
    seconds = services.settings.mcp_wait_seconds
    # The generation's row has the rest of the warnings, and is shown with them once it is completed.
    return Following(submitted.generation_id.hex, seconds, submitted, told)


def _asked(asker: Asker, arguments: Mapping[str, Any], mode: Mode) -> Asked:
    name = str(asker.call.params["name"])
    unknown = [key for key in arguments if key not in tools.arguments_of(name)]
    wanted = arguments.get("model", tools.DEFAULT_MODEL)
    if (model := catalogue.named(asker.services.settings, wanted)) is None:
        raise InvalidInput(f"model {shown(wanted)} is not valid: {validate.choices(tuple(MODELS))}")
    return Asked(
        model=model,
        prompt=arguments.get("prompt"),
        mode=mode.value,
        aspect_ratio=arguments.get("aspect_ratio"),
        image_quality=arguments.get("quality"),
        google_search=arguments.get("google_search"),
        input_image_urls=arguments.get("images") if mode is Mode.EDIT else None,
        seed=arguments.get("seed"),
        size=arguments.get("size"),
        output_format=arguments.get("output_format"),
        label=arguments.get("label"),
        warnings=tuple(f"{name} has no argument {shown(key)}; it was ignored." for key in unknown),
        names=tools.NAMES,
    )


def _without_data(asked: Asked, here: str) -> Asked:
    """With a URL in place of each picture that came as data: all else is judged before any of them is stored."""
    images = asked.input_image_urls
    if not isinstance(images, list) or all(pictures.is_url(one) or not isinstance(one, str) for one in images):
        return asked
    urls = [one if pictures.is_url(one) or not isinstance(one, str) else f"{here}/generations/sent" for one in images]
    return dataclasses.replace(asked, input_image_urls=urls)


async def _uploaded(asker: Asker, asked: Asked, here: str) -> Asked:
    """Each picture that came as data becomes the account's upload."""
    urls: list[str] = []
    assert isinstance(asked.input_image_urls, list)
    for index, one in enumerate(asked.input_image_urls):
        if pictures.is_url(one):
            urls.append(one)
            continue
        name = tools.NAMES.input_image.format(index=index, number=index + 1)
        data = await pictures.decoded(name, one)
        try:
            taken = await upload.upload(asker.services, asker.caller, data, for_one_call=True)
        except (InvalidInput, PayloadTooLarge) as exc:
            raise type(exc)(f"{name}: {exc.message}") from exc
        urls.append(f"{here}/generations/{taken.name}")
    return dataclasses.replace(asked, input_image_urls=urls)


def _key(asker: Asker, named: object, arguments: Mapping[str, Any]) -> IdempotencyKey | None:
    if named is None:
        return None
    if not isinstance(named, str):
        raise InvalidInput(f"{tools.IDEMPOTENCY_KEY} {shown(named)} is not valid: use a string, such as a UUID")
    body = {"tool": asker.call.params["name"], "arguments": arguments}
    return submitting.key_of(named, asker.request.url.path, asker.caller, body, called=tools.IDEMPOTENCY_KEY)


async def _get(asker: Asker, arguments: dict[str, Any]) -> Result | Following:
    wanted, seconds = arguments.get("id"), arguments.get("wait_s", 0)
    most = wait.PREFERENCE_SECONDS_MAX
    if type(seconds) not in (int, float) or not 0 <= seconds <= most:
        raise InvalidInput(f"wait_s {shown(seconds)} is not valid: use a number of seconds from 0 to {most}")
    if wanted is not None and not isinstance(wanted, str):
        raise InvalidInput(f"id {shown(wanted)} is not valid: {_UNKNOWN}")
    if wanted is None:
        newest = await own.page(asker.services, asker.caller, after=None, state=None, text=None, count=1)
        if not newest.found:
            return results.of_nothing(asker.shown)
        wanted = newest.found[0].id.hex
    return Following(wanted, float(seconds))


async def _models(asker: Asker, arguments: dict[str, Any]) -> Result:
    return results.of_models(asker.shown, await catalogue.offers(asker.services))


async def _credits(asker: Asker, arguments: dict[str, Any]) -> Result:
    return results.of_credits(asker.shown, *await accounts.standing(asker.services, asker.caller))


_TOOLS = {
    tools.GENERATE: _generate,
    tools.EDIT: _edit,
    tools.GET: _get,
    tools.MODELS_LIST: _models,
    tools.CREDITS: _credits,
}
