"""Every naughty string in every field that takes a string: stored as it is or refused by name, never a server error."""

from __future__ import annotations

import urllib.parse

import httpx2
import naughty
import orjson
import pytest

from cavendish.errors import InvalidInput, InvalidPrompt, LoginRequired, NotFound
from harness import expect
from harness.served_app import ServedApp

GENERATE = "/api/nano-banana-2/generate"
CHECK = "/api/nano-banana-2/check-status"
STRINGS = list(naughty.STRINGS.values())


def post(client: httpx2.Client, path: str, **fields: object) -> httpx2.Response:
    return client.post(path, content=orjson.dumps(fields))


def test_there_are_sixty_kinds() -> None:
    assert len(STRINGS) >= 60


def test_a_prompt_comes_back_as_it_was_sent(client: httpx2.Client) -> None:
    for text in STRINGS:
        created = expect.success(post(client, GENERATE, prompt=text, mode="generate"))

        found = expect.success(client.get(f"/api/v1/generations/{created['generationId']}"))
        assert found["prompt"] == text
        expect.success(post(client, CHECK, generationId=created["generationId"]))


@pytest.mark.parametrize("field", ["mode", "aspectRatio", "imageQuality", "googleSearch", "seed"])
def test_a_field_with_a_closed_set_refuses_it(client: httpx2.Client, field: str) -> None:
    for text in STRINGS:
        answer = post(client, GENERATE, **{"prompt": "a lake", "mode": "generate", field: text})

        sentence = expect.refusal(answer, InvalidInput, field)["error"]
        assert sentence.isprintable(), "a terminal shows the sentence as it is"


def test_an_input_url_is_taken_whole_or_refused(client: httpx2.Client) -> None:
    for text in STRINGS:
        for url in (text, f"https://{text}/a.png", f"https://a.example/{text}?q={text}"):
            answer = post(client, GENERATE, prompt="a lake", mode="edit", inputImageUrls=[url])

            if answer.status_code == 200:
                created = client.get(f"/api/v1/generations/{answer.json()['generationId']}").json()
                assert created["inputImageUrls"] == [url]
            else:
                expect.refusal(answer, InvalidInput, "inputImageUrls[0]")


def test_an_id_is_not_found(client: httpx2.Client) -> None:
    for text in STRINGS:
        expect.refusal(post(client, CHECK, generationId=text), NotFound)


def test_a_member_name_is_ignored(client: httpx2.Client) -> None:
    for text in STRINGS:
        expect.success(post(client, GENERATE, **{text: text, "prompt": "a lake", "mode": "generate"}))


def test_a_query_is_refused(client: httpx2.Client) -> None:
    for text in STRINGS:
        for name, error in (("limit", InvalidInput), ("status", InvalidInput), ("cursor", NotFound)):
            expect.refusal(client.get("/api/v1/generations", params={name: text}), error)


def test_a_path_is_not_found(client: httpx2.Client) -> None:
    for text in STRINGS:
        path = urllib.parse.quote(text)
        for folder in ("/api/v1/generations", "/generations", ""):
            answer = client.get(f"{folder}/{path}")

            assert answer.status_code in (200, 400, 404), (text, answer.text)
            if answer.headers["content-type"].startswith("application/"):
                expect.any_refusal(answer)


@pytest.mark.parametrize(
    "names", [("X-Request-Id", "Accept", "User-Agent", "X-Forwarded-For", "Host"), ("Idempotency-Key",)]
)
def test_a_header_does_no_harm(client: httpx2.Client, names: tuple[str, ...]) -> None:
    body = orjson.dumps({"prompt": "a lake", "mode": "generate"})
    for text in STRINGS:
        sent = text.encode()[:200]
        if any(byte < 32 or byte == 127 for byte in sent):
            continue  # the client itself refuses to send it; `test_smuggling` does
        answer = client.post(GENERATE, content=body, headers=dict.fromkeys(names, sent))

        assert answer.status_code in (200, 400), answer.text
        assert answer.headers["x-request-id"].isascii()
        if answer.status_code == 400:
            expect.refusal(answer, InvalidInput, "Idempotency-Key")


@pytest.mark.parametrize("form", ["Bearer {}", "{}", "Basic {}", "Bearer cav_live_{}"])
def test_a_key_is_refused(server: ServedApp, form: str) -> None:
    with httpx2.Client(base_url=server.url) as stranger:
        for text in STRINGS:
            sent = form.format("\0").encode().replace(b"\0", text.encode()[:200])
            if any(byte < 32 or byte == 127 for byte in sent):
                continue
            answer = stranger.post(GENERATE, content=b"{}", headers={"Authorization": sent, "X-Api-Key": sent})
            expect.refusal(answer, LoginRequired)


def test_an_empty_prompt_is_one_without_any_visible_character_or_not(client: httpx2.Client) -> None:
    for blank in ("\u00a0", "\u2028", "\u3000 \t"):
        expect.refusal(post(client, GENERATE, prompt=blank, mode="generate"), InvalidPrompt)
