"""What is delivered is marked, registered and copied; nothing of that loses a paid picture or delivers one too many."""

from __future__ import annotations

import dataclasses
import datetime
import io
from typing import Any

import pytest
from cavendish_test_engines.png import png
from PIL import Image
from worker_helpers import scripted

from cavendish import ids
from cavendish.application.generations import own
from cavendish.application.provenance import check
from cavendish.application.provenance import start as provenance
from cavendish.application.work import sweep
from cavendish.marks import container
from cavendish.marks.marker import Marker, NotMarked
from cavendish.models import InputImage
from cavendish.stores import register
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"marks": "c2pa,xmp,watermark", "copies": "on", "register": "on"}


async def _made(app: App, **fields: Any) -> tuple[Account, str, dict[str, Any], bytes]:
    """An account, a generation of its, the answer and the stored picture."""
    account = await app.account(credits=100)
    async with scripted(app):
        generation_id = await app.submit(account, **fields)
        answer = await app.ended(account, generation_id)
    name = (await app.row(generation_id))["image_name"]
    return account, generation_id, answer, (await app.services.storage.read(name) or b"") if name else b""


async def _register(app: App) -> list[Any]:
    return list(await app.services.db.fetch("SELECT * FROM cavendish.register"))


async def _stored(app: App) -> set[str]:
    return {name async for names in app.services.storage.names(older_than_seconds=-5) for name in names}


async def test_a_delivered_picture_is_marked_registered_and_copied(app: App) -> None:
    _, generation_id, answer, data = await _made(app)

    name = (await app.row(generation_id))["image_name"]
    (entry,) = await _register(app)
    found = await check.check(app.services, data)
    assert found.manifest is not None
    assert (found.manifest.state, found.manifest.agent, found.same_file) == ("valid", "script", True)
    assert (found.watermark or 0) > 0.99
    assert found.marked is not None
    assert found.payload == f"{entry['watermark']:010x}"
    assert entry["generation_id"].hex == generation_id
    assert await _stored(app) == {name, ids.copy_name(name, 320), ids.copy_name(name, 1024)}
    assert not [line for line in answer.get("warnings", []) if "no signed" in line]


async def test_no_prompt_and_no_account_is_in_any_mark(app: App) -> None:
    account, _, _, data = await _made(app, prompt="an unmistakable zebra in a bathtub")

    (entry,) = await _register(app)
    assert b"zebra" not in data
    assert "zebra" not in str(dict(entry))
    assert account.name.encode() not in data


async def test_it_is_known_by_its_looks_once_its_file_is_another_one(app: App) -> None:
    _, _, _, data = await _made(app, prompt="photo")
    file = io.BytesIO()
    image = Image.open(io.BytesIO(data))
    image.convert("RGB").resize((image.width // 2, image.height // 2)).save(file, "JPEG", quality=75)

    found = await check.check(app.services, file.getvalue())

    assert (found.manifest, found.same_file) == (None, False)


async def test_an_owner_takes_it_out_of_the_register_with_its_copies(app: App) -> None:
    account, generation_id, _, _ = await _made(app)

    caller = await app.services.authenticator.caller(account.key)
    await own.delete(app.services, caller, generation_id)

    assert await _register(app) == []
    assert await _stored(app) == set()


async def test_a_deletion_that_ends_in_its_middle_did_not_happen(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hidden, and still in the register: what an owner has deleted would be known for ever."""
    account, generation_id, _, _ = await _made(app)
    caller = await app.services.authenticator.caller(account.key)

    async def dies(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(register, "forget", dies)
    with pytest.raises(RuntimeError):
        await own.delete(app.services, caller, generation_id)

    assert (await app.row(generation_id))["hidden_at"] is None


async def test_what_was_marked_before_a_rotation_is_found_after_it(app: App) -> None:
    _, _, _, data = await _made(app)
    before = await app.services.keys.watermarks()

    told = await app.services.keys.renew()
    _, _, _, later = await _made(app)

    after = await app.services.keys.watermarks()
    assert "new certificate" in told
    assert (len(after), after[1:]) == (2, before)
    for picture in (data, later):
        image, file = Image.open(io.BytesIO(picture)), io.BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=90)  # without its manifest
        found = await check.check(app.services, file.getvalue())
        assert found.marked is not None
        whole = await check.check(app.services, picture)
        assert whole.manifest is not None
        assert whole.manifest.state == "valid"


async def test_the_sweep_keeps_copies_of_what_is_there_and_takes_those_of_what_is_not(app: App) -> None:
    _, generation_id, _, _ = await _made(app)
    name = (await app.row(generation_id))["image_name"]
    orphan = ids.copy_name(ids.new_image_name(fence=1, media_type="image/png"), 320)
    await app.services.storage.put(orphan, b"x")
    services = dataclasses.replace(
        app.services, settings=dataclasses.replace(app.settings, orphan_seconds=0.0, deadline_seconds=0.0)
    )

    await sweep.sweep_files(services)

    assert await _stored(app) == {name, ids.copy_name(name, 320), ids.copy_name(name, 1024)}


async def test_the_register_forgets_after_its_time(app: App) -> None:
    await _made(app)
    services = dataclasses.replace(app.services, settings=dataclasses.replace(app.settings, keep_register=86_400.0))

    await sweep.sweep_files(services)
    assert len(await _register(app)) == 1
    await app.shift_clock("2 days")
    await sweep.sweep_files(services)

    assert await _register(app) == []


class _Broken(Marker):
    """Cannot mark anything, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__(processes=1)
        self.times = times

    async def mark(self, picture: InputImage, *arguments: Any, **options: Any) -> Any:
        if self.times:
            self.times -= 1
            raise NotMarked("broken by the test")
        return await super().mark(picture, *arguments, **options)


async def test_a_child_that_dies_once_is_no_loss(app: App) -> None:
    app.services.marker = _Broken(times=1)

    _, _, answer, data = await _made(app)

    assert answer["status"] == "completed"
    assert container.may_have_manifest(data)


async def test_what_cannot_be_marked_is_delivered_with_a_warning(app: App) -> None:
    app.services.marker = _Broken(times=99)

    account, _, answer, data = await _made(app)

    assert (answer["status"], answer["creditsCharged"]) == ("completed", 4)
    assert (
        "This picture has no signed manifest (C2PA) and no XMP and no invisible watermark: it could not be given one."
        in answer["warnings"]
    )
    assert data == png(1376, 768)
    assert await app.balance(account) == (96, 0)


async def test_an_operator_may_want_no_unmarked_picture(app: App) -> None:
    app.services.marker = _Broken(times=99)
    app.services.settings = dataclasses.replace(app.settings, unmarked="refuse")

    account, _, answer, _ = await _made(app)

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert await app.balance(account) == (100, 0)
    assert await _stored(app) == set()
    assert await _register(app) == []


async def test_a_certificate_that_cannot_be_read_is_told_and_the_picture_comes(app: App) -> None:
    app.services.settings = dataclasses.replace(
        app.settings, certificate="/nowhere.pem", certificate_key="/nowhere.key"
    )
    app.services.keys = type(app.services.keys)(app.services.db, app.services.settings)

    _, _, answer, data = await _made(app)

    assert any("no signed manifest" in line for line in answer["warnings"])
    assert b"DigitalSourceType" in data


async def test_marks_that_are_off_stand_in_the_audit_trail_at_each_start(app: App) -> None:
    app.services.settings = dataclasses.replace(app.settings, marks=("xmp",))

    await provenance.prepare(app.services)
    await provenance.prepare(app.services)

    rows = await app.services.db.fetch("SELECT actor, action, detail FROM cavendish.audit WHERE action = 'marks_off'")
    assert [tuple(row) for row in rows] == [("CAVENDISH_MARKS", "marks_off", "c2pa, watermark")] * 2


async def test_a_safeguard_that_is_off_stands_there_too(app: App) -> None:
    app.services.settings = dataclasses.replace(app.settings, safeguards=("minors",))

    await provenance.prepare(app.services)

    rows = await app.services.db.fetch("SELECT actor, detail FROM cavendish.audit WHERE action = 'safeguards_off'")
    assert [tuple(row) for row in rows] == [("CAVENDISH_SAFEGUARDS", "intimate")]


async def test_the_manifest_is_of_the_time_when_it_was_made(app: App) -> None:
    _, generation_id, _, data = await _made(app)

    found = await check.check(app.services, data)
    started = (await app.row(generation_id))["started_at"]
    assert found.manifest is not None
    assert found.manifest.when == started.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
