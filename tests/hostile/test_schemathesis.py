"""Schemathesis makes requests from the OpenAPI document, good and bad; each answer must be one that is documented."""

from __future__ import annotations

import os
from typing import Any

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

from harness.inprocess import Account
from harness.served_app import ServedApp

pytestmark = pytest.mark.fuzz

EXAMPLES = int(os.environ.get("CAVENDISH_TEST_EXAMPLES", "25"))  # per operation and mode
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def schema(server: ServedApp) -> Any:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


ENDLESS = "/api/v1/events"  # a good answer of it; `test_events.py` asks


def _can_be_wrong(operation: dict[str, Any]) -> bool:
    """Something of a request to it can be bad: a parameter, the body, or the key that it needs."""
    return bool(operation.get("parameters") or operation.get("requestBody")) or {} not in operation["security"]


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
