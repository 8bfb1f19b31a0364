"""A text cut inside an emoji is taken: what is left of the emoji becomes U+FFFD, and the answer says so."""

from __future__ import annotations

import json
import time

import hypothesis
import orjson
import pytest
from hypothesis import strategies

from cavendish.errors import InvalidInput
from cavendish.web.http import body, surrogates
from harness import expect
from harness.inprocess import PATH, App

pytestmark = pytest.mark.anyio

CUT = rb'{"prompt":"a lake \ud83d","mode":"generate"}'
WARNING = "1 half of a character was replaced by \ufffd: the text was cut inside an emoji."


@pytest.mark.parametrize(
    ("sent", "text", "halves"),
    [
        (rb"\ud83d", "\ufffd", 1),
        (rb"\udE00", "\ufffd", 1),
        (rb"\ud83d\ud83d\ude00", "\ufffd😀", 1),
        (rb"\ud83d\ude00\ude00", "😀\ufffd", 1),
        (rb"\ude00\ud83d", "\ufffd\ufffd", 2),
        (rb"\ud83d \ude00", "\ufffd \ufffd", 2),
        (rb"\ud83dd\ude00", "\ufffdd\ufffd", 2),
        (rb"\ud83d\n\u0041", "\ufffd\nA", 1),
        (rb"\\ud83d \ud83d", "\\ud83d \ufffd", 1),
        (rb"\\\ud83d", "\\\ufffd", 1),
        (rb"\\\\ud83d\"\ud83d", '\\\\ud83d"\ufffd', 1),
        (rb"\ud83d\\ude00", "\ufffd\\ude00", 1),
        (rb"\\ud83d\ude00", "\\ud83d\ufffd", 1),
        (b"\xed\xa0\xbd", "\ufffd", 1),
        (b"\xed\xb8\x80 \xed\x9f\xbf \xee\x80\x80", "\ufffd \ud7ff \ue000", 1),
        (b"\xed\xa0\xbd\xed\xb8\x80", "\ufffd\ufffd", 2),
        (b"\xed\xa0\xbd\\ude00", "\ufffd\ufffd", 2),
    ],
)
def test_each_half_becomes_one_character_and_nothing_else_changes(sent: bytes, text: str, halves: int) -> None:
    found, counted = surrogates.mended(b'{"a":"' + sent + b'","' + sent + b'":1}')

    assert orjson.loads(found) == {"a": text, text: 1}
    assert counted == 2 * halves


@hypothesis.given(strategies.text(strategies.characters(), max_size=30) | strategies.text('\ud83d\ude00\\"u\nd8é😀'))
@hypothesis.settings(max_examples=300, deadline=None)
def test_any_text_of_python_or_javascript_is_taken(text: str) -> None:
    """Against Python's own reading, which joins halves that belong together and leaves the others alone."""
    sent = json.dumps({"a": text}).encode()
    whole = "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in json.loads(sent)["a"])

    assert body.parse(sent) == {"a": whole}


@pytest.mark.parametrize(
    "data", [b'{"a":"\\ud83d"', b'{"a":"\\ud83d",}', b'{"a":NaN,"b":"\\ud83d"}', b'{"a":"\\ud83"}', b'{"a":"\\udXYZ"}',
             b'{"a":\\ud83d}', b'["\\ud83d"', b'{"a":"\xff\\ud83d"}', b'{"a":"\xed\xa0"}', b'{"a":"\xc0\xaf\xed\xa0\xbd"}'],
)  # fmt: skip
def test_what_is_no_json_beside_it_stays_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="not valid JSON"):
        body.parse(data)


def test_a_mistake_is_told_where_it_was_sent() -> None:
    with pytest.raises(InvalidInput, match="at character 14$"):
        body.parse(rb'{"a":"\ud83d",,"b":1}')


def test_a_good_body_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hot path: nothing looks for halves where the JSON is good."""
    monkeypatch.setattr(surrogates, "mended", None)

    assert body.parse(orjson.dumps({"a": "😀", "b": None})) == {"a": "😀"}


@pytest.mark.parametrize(
    "piece", [rb"\ud83d", rb"\ud83d\ude00", rb"\\", rb"\n", b"\\", b"\xed\xa0\xbd", b"\xed", rb"\ud83d\n", rb"\u", b"a"]
)
def test_a_body_of_any_make_is_mended_in_its_length(piece: bytes) -> None:
    """No way to write a body makes the search for halves take more than its length: ten times as much, no hundredfold."""

    def seconds(data: bytes) -> float:
        def once() -> float:
            started = time.process_time()
            surrogates.mended(data)
            return time.process_time() - started

        return min(once() for _ in range(3))

    short, long = (b'"' + piece * (count // len(piece)) + b'"' for count in (30_000, 300_000))

    assert seconds(long) < 40 * seconds(short) + 0.01


@pytest.mark.parametrize("options", [{"fast_lane": "on"}, {"fast_lane": "off"}])
async def test_a_prompt_cut_inside_an_emoji_is_taken_and_the_answers_say_so(app: App) -> None:
    account = await app.account()

    answer = expect.success(await app.post(f"{PATH}/generate", CUT, account))
    shown = (await app.check(account, answer["generationId"])).json()

    assert answer["warnings"] == [WARNING]
    assert shown["warnings"] == [WARNING]
    assert (await app.row(answer["generationId"]))["prompt"] == "a lake \ufffd"


async def test_the_same_cut_prompt_again_is_a_replay(shared: App) -> None:
    account, key = await shared.account(), {"Idempotency-Key": "order-1"}

    first, again = [await shared.post(f"{PATH}/generate", CUT, account, headers=key) for _ in range(2)]
    other = await shared.post(f"{PATH}/generate", CUT.replace(b"lake", b"sea"), account, headers=key)

    assert expect.success(again) == {**expect.success(first), "creditsRemaining": again.json()["creditsRemaining"]}
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422


async def test_a_half_in_any_member_is_said_once(shared: App) -> None:
    data = (
        rb'{"prompt":"a \udc00 lake","mode":"generate","inputImageUrls":["\ud83d","\ud83d\ude00"],"\ud800":["\udfff"]}'
    )

    answer = expect.success(await shared.post(f"{PATH}/generate", data, await shared.account()))

    assert answer["warnings"][0] == "4 halves of characters were replaced by \ufffd: the text was cut inside an emoji."
    assert len(answer["warnings"]) == 2, "and that the URLs were ignored"


async def test_a_nul_beside_a_half_stays_refused(shared: App) -> None:
    data = rb'{"prompt":"a \u0000 \ud83d","mode":"generate"}'

    assert (await shared.post(f"{PATH}/generate", data, await shared.account())).json()["errorCode"] == "INVALID_PROMPT"


async def test_an_id_with_a_half_is_404(shared: App) -> None:
    answer = await shared.post(f"{PATH}/check-status", rb'{"generationId":"\ud83d"}', await shared.account())

    assert answer.status_code == 404
