"""What an operator does with accounts: see and make them, grant credits, let people in, give and take the role."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application import observe
from cavendish.application.access import administer, sign_in
from cavendish.errors import InvalidInput
from cavendish.stores import ledger, reports
from cavendish.web.http import address, body, context, params, responses
from cavendish.web.http.operation import Operation, cursor, limit_parameter, query

_NAME_CHARACTERS_MAX = 100
_REASON_CHARACTERS_MAX = 200
_PAGE_MAX = 500


class AccountBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    name: Annotated[StrictStr, Field(json_schema_extra={"maxLength": _NAME_CHARACTERS_MAX, "pattern": params.NAME})]


class RoleBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    operator: Annotated[StrictBool, Field(description="May manage the service")]


class GrantBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    amount: Annotated[StrictInt, Field(ge=1, le=ledger.GRANT_MAX, description="Credits to add")]
    reason: Annotated[
        StrictStr,
        Field(
            description="Stands in the account's statement",
            json_schema_extra={"maxLength": _REASON_CHARACTERS_MAX, "pattern": params.LINE},
        ),
    ] = ""


class AccountLine(BaseModel):
    """One account as an operator sees it."""

    name: str
    balance: Annotated[int, Field(description="Credits that can be spent now")]
    held: Annotated[int, Field(description="Credits set aside for running generations")]
    operator: Annotated[bool, Field(description="May manage the service")]
    keys: Annotated[int, Field(description="Keys that work")]
    generations: Annotated[int, Field(description="Of all time")]
    createdAt: Annotated[str, Field(description="RFC 3339, UTC")]


class AccountsAnswer(BaseModel):
    success: Literal[True]
    accounts: list[AccountLine]
    nextCursor: str | None = None


class AccountAnswer(BaseModel):
    success: Literal[True]
    account: str


class GrantAnswer(BaseModel):
    success: Literal[True]
    account: str
    balance: int


class LinkAnswer(BaseModel):
    success: Literal[True]
    link: Annotated[str, Field(description="Signs in once; send it to the person")]
    seconds: Annotated[int, Field(description="How long it works")]


async def list_accounts(request: Request) -> Response:
    """All accounts, in the order in which they were made."""
    await context.operator(request)
    count, after = params.query_whole(request, "limit", 50, 1, _PAGE_MAX), params.query_cursor(request)
    name = params.query_text(request, "q")
    found = await observe.list_accounts(context.services(request), name=name, after=after, count=count + 1)
    content: dict[str, Any] = {"accounts": [_line(account) for account in found[:count]]}
    if len(found) > count:
        content["nextCursor"] = str(found[count - 1].id)
    return responses.success(content)


async def make_account(request: Request) -> Response:
    """A new account, without credits and keys."""
    caller = await context.operator(request)
    name = params.text(await params.sent(request), "name", characters_max=_NAME_CHARACTERS_MAX, needed=True)
    if "/" in name:
        raise InvalidInput(f"name {body.shown(name)} is not valid: it stands in addresses; leave out the /")
    made = await administer.make_account(context.services(request), caller, name)
    return responses.success({"account": made.name})


async def grant(request: Request) -> Response:
    """Add credits to an account."""
    caller = await context.operator(request)
    values = await params.sent(request)
    amount = params.whole(values, "amount", 1, ledger.GRANT_MAX)
    reason = params.text(values, "reason", characters_max=_REASON_CHARACTERS_MAX) or "granted by the operator"
    name = request.path_params["name"]
    balance = await administer.grant(context.services(request), caller, name, amount, reason=reason)
    return responses.success({"account": name, "balance": balance})


async def make_link(request: Request) -> Response:
    """A link by which a person signs in to an account, once."""
    caller, services = await context.operator(request), context.services(request)
    link = await sign_in.link(services, caller, request.path_params["name"], address=address.of(request))
    content = {"link": link, "seconds": round(services.settings.login_link_seconds)}
    return responses.success(content, {"Cache-Control": "no-store"})


async def change_role(request: Request) -> Response:
    """Let an account manage the service, or no longer."""
    caller = await context.operator(request)
    wanted = (await params.sent(request)).get("operator")
    if not isinstance(wanted, bool):
        raise InvalidInput(f"operator {body.shown(wanted)} is not valid: use true or false")
    name = request.path_params["name"]
    await administer.change_role(context.services(request), caller, name, may_manage=wanted)
    return responses.success({"account": name})


def _line(account: reports.AccountSummary) -> dict[str, Any]:
    return {
        "name": account.name,
        "balance": account.balance,
        "held": account.held,
        "operator": account.operator,
        "keys": account.keys,
        "generations": account.generations,
        "createdAt": responses.instant(account.created_at),
    }


_COMMON = (errors.LoginRequired, errors.Forbidden, errors.ServiceBusy, errors.InternalError)
_INVALID = (*_COMMON, errors.InvalidInput)
_CHANGE = (*_INVALID, errors.PayloadTooLarge)
_FOUND = (*_CHANGE, errors.NotFound)
_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}, "description": "An account."}


def routes() -> list[Operation]:
    every, tag = "/api/v1/operator/accounts", "Operator"
    one = f"{every}/{{name}}"
    pages = (
        query("q", "Only names that hold this text.", params.SEARCH),
        limit_parameter(50, _PAGE_MAX),
        cursor(params.NUMBER_CURSOR),
    )
    return [
        Operation("GET", every, list_accounts, "Accounts", AccountsAnswer, _INVALID, parameters=pages, tag=tag),
        Operation("POST", every, make_account, "Make an account", AccountAnswer, _CHANGE,
                  AccountBody, {"name": "design-team"}, tag=tag),
        Operation("PATCH", one, change_role, "Change a role", AccountAnswer, _FOUND, RoleBody, {"operator": True},
                  (_NAME,), tag=tag),
        Operation("POST", f"{one}/grants", grant, "Grant credits", GrantAnswer, _FOUND, GrantBody,
                  {"amount": 1000, "reason": "March"}, (_NAME,), tag=tag),
        Operation("POST", f"{one}/links", make_link, "Make a login link", LinkAnswer, (*_COMMON, errors.NotFound),
                  parameters=(_NAME,), tag=tag),
    ]  # fmt: skip
