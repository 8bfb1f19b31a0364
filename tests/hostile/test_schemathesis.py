"""Schemathesis makes requests from the OpenAPI document, good and bad: each answer is one that is documented, and what the
document allows is taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from harness import served_app
from harness.inprocess import ENDLESS, Account
from harness.served_app import ServedApp

pytestmark = pytest.mark.fuzz

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = int(os.environ.get("CAVENDISH_TEST_EXAMPLES", "25"))  # per operation and mode
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def server(server_url: str, template: str, tmp_path_factory: Any) -> Iterator[ServedApp]:
    """One with a worker, for calls that answer with the picture."""
    folder = tmp_path_factory.mktemp("documented")
    routes = "nano-banana-2=instant;nano-banana-pro=instant"
    networks = "127.0.0.0/8"
    with served_app.opened(
        server_url, template, ROOT, folder, CAVENDISH_ROUTES=routes, CAVENDISH_INPUT_ALLOW_NETWORKS=networks
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def account(server: ServedApp) -> Account:
    return server.account(credits=10_000_000)


@pytest.fixture(scope="module")
def schema(server: ServedApp) -> Any:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


def _can_be_wrong(operation: dict[str, Any]) -> bool:
    """Something of a request to it can be bad: a parameter, the body, or the key that it needs."""
    return bool(operation.get("parameters") or operation.get("requestBody")) or {} not in operation["security"]


# Signs out; take no random bytes; or what a body may hold is more than its schema says.
LEFT_OUT = re.compile(
    r"DELETE /api/v1/session$|POST /api/v1/uploads$|POST /v1/images/edits(/async)?$|POST /v1/chat/completions$|POST /upload/"
    r"|POST /v1(beta)?/models/\{model\}:"
    r"|POST /sdapi/v1/img2img$|POST /v1/content_provenance_checks$"
)
# Why what the document allows may be refused all the same: no schema can say it.
REASONS = re.compile(
    r"inputImageUrls\[\d+\] "  # where a URL leads, and whether it is one
    r"|This Idempotency-Key was used with another body"
    r"|There is an account '|This account has \d+ keys already|You cannot take your own role away"
)
TAKEN = {200, 202, 204, 401, 403, 404, 429}


def _told(answer: Any) -> str:
    """The sentence of an error, on whatever face."""
    error = answer.json()["error"]
    return str(error["message"] if isinstance(error, dict) else error)


@pytest.fixture(scope="module")
def operator(server: ServedApp) -> dict[str, str]:
    """Headers of a signed-in person who may do everything: nothing is refused before it is looked at."""
    account = server.account(credits=10_000_000)
    server.fetch("UPDATE cavendish.accounts SET operator = true WHERE id = $1", account.id)
    own = {"Sec-Fetch-Site": "same-origin"}
    answer = httpx2.post(f"{server.url}/api/v1/session", json={"key": account.key}, headers=own)
    return {**own, "Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_what_the_document_allows_is_taken(server: ServedApp, operator: dict[str, str], schema: Any) -> None:
    refused: dict[str, str] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if LEFT_OUT.match(operation.label):
            continue

        @hypothesis.settings(
            max_examples=2 * EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def one(case: Any) -> None:
            answer = case.call(base_url=server.url, headers=operator)
            if answer.status_code not in TAKEN and not REASONS.search(told := _told(answer)):
                refused[f"{operation.label}: {told[:30]}"] = told

        one()

    assert list(refused.values()) == []


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
def test_every_answer_to_generated_requests_is_documented(
    server: ServedApp, account: Account, schema: Any, mode: GenerationMode
) -> None:
    sent = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == ENDLESS:
            continue
        if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation.definition.raw):
            continue

        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Any) -> None:
            nonlocal sent
            sent += 1
            case.call_and_validate(base_url=server.url, headers=account.headers, checks=CHECKS)

        one()

    assert sent > EXAMPLES
