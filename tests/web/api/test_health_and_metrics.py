"""For machines that watch: alive, ready, and numbers that move and tell no secret."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import os
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cavendish import bootstrap
from cavendish.application.room import Room
from cavendish.application.work import presence
from cavendish.application.work.attempt import Tally
from cavendish.moderation.base import open_gate
from cavendish.settings import Settings
from cavendish.storage.local import LocalStorage
from cavendish.stores import workers
from cavendish.web.api import health
from harness.inprocess import PATH, App

pytestmark = pytest.mark.anyio


async def numbers(app: App) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample of /metrics, as a Prometheus server reads it."""
    answer = await app.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def requests(status: int, route: str = f"{PATH}/generate") -> tuple[str, frozenset[tuple[str, str]]]:
    labels = {"method": "POST", "route": route, "status": str(status)}
    return "cavendish_requests_total", frozenset(labels.items())


async def test_healthz_and_readyz_are_200_while_all_is_well(shared: App) -> None:
    alive = (await shared.client.get("/healthz")).json()
    assert alive == {
        "status": "ok",
        "marks": [],
        "register": False,
        "verify": "http://cavendish.test/verify",
        "safeguards": ["minors", "intimate"],
    }
    assert (await shared.client.get("/readyz")).json() == {"status": "ready"}


async def test_a_process_that_stops_is_alive_but_not_ready(
    shared: App, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shared.services, "draining", True)

    assert (await shared.client.get("/healthz")).status_code == 200
    answer = await shared.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert "request failed" not in "".join(capfd.readouterr()), "a red probe fills no log"


@pytest.mark.parametrize(("free", "status"), [(0, 503), (256 * 2**20 - 1, 503), (256 * 2**20, 200)])
async def test_a_process_whose_pictures_have_no_room_is_not_ready(
    shared: App, monkeypatch: pytest.MonkeyPatch, free: int, status: int
) -> None:
    volume = SimpleNamespace(f_blocks=2**40, f_bavail=free, f_frsize=1, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda _: volume)

    answer = await shared.client.get("/readyz")

    assert answer.status_code == status
    assert (await shared.client.get("/healthz")).status_code == 200
    if status == 503:
        assert answer.json() == {"status": "not ready", "reason": "there is no room for pictures"}


async def test_a_process_whose_storage_is_gone_is_not_ready(shared: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(folder: object) -> object:
        raise FileNotFoundError(errno.ENOENT, "gone", str(folder))

    monkeypatch.setattr(os, "statvfs", gone)

    answer = await shared.client.get("/readyz")

    assert (answer.status_code, answer.json()["reason"]) == (503, "there is no room for pictures")


async def test_a_disk_that_hangs_is_asked_once_however_many_probes_come(
    shared: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, asked = asyncio.Event(), []

    async def hang() -> int:
        asked.append(1)
        await go.wait()
        return 2**40

    monkeypatch.setattr(shared.services, "room", Room({"pictures": hang}, 1))
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", 0.5)

    answers = await asyncio.gather(*[shared.client.get("/readyz") for _ in range(3)])

    assert [(answer.status_code, answer.json()["reason"]) for answer in answers] == [
        (503, "the disk does not answer")
    ] * 3
    assert len(asked) == 1
    go.set()
    assert (await shared.client.get("/readyz")).status_code == 200


async def test_the_database_needs_room_too(shared: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async def plenty() -> int:
        return 2**40

    async def none() -> int:
        return 0

    async def uncounted() -> None:
        return None

    said = []
    for volumes in ({"pictures": plenty, "the database": none}, {"pictures": uncounted}, {"pictures": none}):
        monkeypatch.setattr(shared.services, "room", Room(volumes, 0 if volumes == {"pictures": none} else 1))
        said.append((await shared.client.get("/readyz")).json().get("reason"))

    assert said == ["there is no room for the database", None, None]  # with 0 as the least nobody looks


async def test_only_the_embedded_database_is_looked_at(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    storage = LocalStorage(tmp_path)

    brought = bootstrap._volumes(settings, storage)
    embedded = bootstrap._volumes(dataclasses.replace(settings, database_url="", data=tmp_path), storage)

    assert (set(brought), set(embedded)) == ({"pictures"}, {"pictures", "the database"})


async def test_requests_are_counted_by_route_and_status(shared: App) -> None:
    account = await shared.account(credits=4)
    before = await numbers(shared)

    await shared.submit(account)
    await shared.generate(account)
    await shared.generate(account, prompt="")
    await shared.check(account, "nonsense")

    after = await numbers(shared)
    for key in (requests(200), requests(402), requests(400), requests(404, f"{PATH}/check-status")):
        assert after[key] - before.get(key, 0) == 1, key


async def test_pictures_probes_and_unknown_paths_are_counted_too(shared: App) -> None:
    before = await numbers(shared)
    for path in ("/healthz", f"/generations/{'0' * 32}-1.png", "/docs", "/nowhere"):
        await shared.client.get(path)

    after = await numbers(shared)

    for route, status in (("/healthz", "200"), ("/generations/{file}", "404"), ("/docs", "200"), ("other", "404")):
        labels = {"method": "GET", "route": route, "status": status}
        key = "cavendish_requests_total", frozenset(labels.items())
        assert after[key] - before.get(key, 0) == 1, route


async def test_durations_are_a_histogram_that_adds_up(shared: App) -> None:
    account = await shared.account()
    for _ in range(3):
        await shared.check(account, "nonsense")

    found = await numbers(shared)

    route = ("route", f"{PATH}/check-status")
    buckets = [
        value
        for (name, labels), value in found.items()
        if name == "cavendish_request_seconds_bucket" and route in labels
    ]
    assert max(buckets) == found["cavendish_request_seconds_count", frozenset({route})] >= 3
    assert found["cavendish_request_seconds_sum", frozenset({route})] > 0


async def test_credits_and_open_generations_show(app: App) -> None:
    account = await app.account(credits=100)
    await app.submit(account)

    found = await numbers(app)

    assert found["cavendish_credits_held", frozenset()] == 4
    assert found["cavendish_credits_balance", frozenset()] == 96
    open_ones = [value for (name, _), value in found.items() if name == "cavendish_generations_open"]
    jobs = [value for (name, _), value in found.items() if name == "cavendish_queue_jobs"]
    assert open_ones == jobs == [1]


async def test_what_the_judges_of_each_worker_said_shows(app: App) -> None:
    gate = open_gate()
    gate.counts["denylist", "before", "blocked"] = 3
    context = SimpleNamespace(services=app.services, circuits={}, tally=Tally(), moderation=gate)
    async with app.services.db.connection() as connection:
        await workers.seen(connection, uuid.uuid4(), "host", 7, presence._counters(context), {})  # type: ignore[arg-type]

    found = await numbers(app)

    labels = {"worker": "host:7", "judge": "denylist", "stage": "before", "outcome": "blocked"}
    assert found["cavendish_moderation_judgements_total", frozenset(labels.items())] == 3


async def test_an_unknown_path_does_not_become_a_label(shared: App) -> None:
    for path in (
        "/secret-token-in-a-path",
        "/generations/secret-token-in-a-path",
        "/api/v1/generations/secret-token-in-a-path",
    ):
        await shared.client.get(path)

    assert "secret-token" not in (await shared.client.get("/metrics")).text


async def test_metrics_tell_no_key_prompt_or_name(shared: App) -> None:
    account = await shared.account()
    await shared.submit(account, prompt="a secret lake")

    text = (await shared.client.get("/metrics")).text

    assert not any(word in text for word in (account.key, account.key[9:30], account.key_id, account.name, "secret"))


async def test_docs_and_openapi_are_there_for_everybody(shared: App) -> None:
    page, document = await shared.client.get("/docs"), await shared.client.get("/openapi.json")

    assert page.status_code == document.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert document.json()["openapi"].startswith("3.1")


async def test_no_page_says_what_server_this_is(shared: App) -> None:
    for path in ("/", "/healthz", "/docs", "/metrics"):
        assert "server" not in (await shared.client.get(path)).headers


async def test_every_answer_has_a_request_id_of_its_own(shared: App) -> None:
    seen = {(await shared.client.get("/healthz")).headers["x-request-id"] for _ in range(5)}

    assert len(seen) == 5
