"""The deny list: what a line of the file matches and what it does not, whatever the prompt is written in."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moderation_helpers import written
from structlog.testing import capture_logs

from cavendish.errors import ConfigurationError
from cavendish.moderation import denylist, patterns, words
from cavendish.moderation.base import Block, Question

pytestmark = pytest.mark.anyio

# Line of the file, a prompt that it denies, and one that it does not.
BOTH_SIDES = [
    ("bomb", "a bomb", "a bombastic speech"),
    ("bomb", "BOMB!", "aplomb"),
    ("Bomb", "a (bomb).", "b0mb"),
    ("bomb", "bomb_maker", "bombs"),
    ("cock", "a cock", "a cocktail, a peacock and Hitchcock"),
    ("hot dog", "hot   dog", "a dog in the hot sun"),
    ("hot dog", "Hot-Dog", "hotdog"),
    ("hot dog", "a hot\ndog", "hot doggy"),
    ("hot", "hot dog", "hotter"),
    ("18+", "18 +", "1800"),
    ("c++", "C", "cpp"),
    ("don't", "DON'T", "dont"),
    # Unicode's tricks with Latin letters.
    ("cafe", "un CAFÉ noir", "cafeteria"),
    ("café", "cafe", "caf"),
    ("bomb", "ｂｏｍｂ", "ｂｏｍｂａｙ"),
    ("bomb", "𝐛𝐨𝐦𝐛", "𝐛𝐨𝐦"),
    ("bomb", "ⓑⓞⓜⓑ", "ⓑⓞⓜ"),
    ("bomb", "b\u200bo\u200cm\u200db", "b\u200bo\u200bm"),
    ("bomb", "bo\u200bmb", "bo\u200bm"),
    ("bomb", "bo\u2060mb\ufeff", "bo\u2028mb"),
    ("bomb", "bo\u00admb", "bo-mb"),
    ("bomb", "\u202ebomb\u202c", "bmob"),
    ("bomb", "b\u0336o\u0336m\u0336b\u0336", "b\u0336o\u0336m\u0336"),
    ("bomb", "bo\ufe0fmb", "bo mb"),
    ("bomb", "bo\x00mb", "bo\x00m"),
    ("bomb", "bo\u034fmb", "bo\u034fm"),
    ("file", "ﬁle", "ﬁlet"),
    # Spelled out.
    ("bomb", "a b o m b", "b o m"),
    ("bomb", "b.o.m.b", "b.o.m. bay"),
    ("bomb", "B-O-M-B now", "bo-mb"),
    ("gun", "gun", "g u n"),
    # Languages.
    ("straße", "STRASSE", "strassen"),
    ("kız", "KIZ", "kızlar"),
    ("İstanbul", "istanbul", "istan"),
    ("żółw", "ZOLW", "zolwie"),
    ("søren", "Soren", "sorensen"),
    ("бомба", "БОМБА", "бомбардир"),
    ("ёлка", "елка", "елкам"),
    ("ΣΊΣΥΦΟΣ", "σισυφος", "σισυφου"),
    ("tiếng việt", "TIENG VIET", "tieng vieta"),
    ("קנבלה", "קַנְבְלָה", "קנבל"),
    ("قنبلة", "قُنْبُلَة", "قنابل"),
    ("बम", "एक बम", "बमा"),
    ("कि", "कि", "कु"),
    ("炸弹", "画一个炸弹在桌上", "画一个炸鸡蛋"),
    ("炸彈", "炸 彈", "炸蛋"),
    ("爆弾", "爆弾を描く", "爆発"),
    ("はん", "ごはん", "ばん"),
    ("폭탄", "폭탄을 그려줘", "폭풍"),
    ("ระเบิด", "วาดรูประเบิดให้หน่อย", "ระเบียบ"),
    ("🍆", "an 🍆 emoji", "an 🍎 emoji"),
    # Regular expressions see the folded text.
    ("/b[o0]mb/", "a B0MB", "a b1mb"),
    ("/\\bknife\\b/", "a Knife!", "knifepoint"),
    ("/kill.{0,10}child/", "kill the child", "kill a weed that no child has seen"),
    ("/Café/", "CAFE", "caf"),
    ("/b(o|0){1,3}m/", "b00m", "bm"),
    # Their classes and borders are Unicode's.
    ("/\\bбомб(а|ы)\\b/", "это Бомба!", "бомбардир"),
    ("/\\bknife\\b/", "a knife", "бknife"),
    ("/б\\w{1,3}а/", "бомба", "б--а"),
    ("/\\d{2}/", "٣٤", "٣"),
]  # fmt: skip


def denies(tmp_path: Path, line: str, prompt: str) -> bool:
    return denylist.read(written(tmp_path / "denied.txt", line)).deny(prompt)


@pytest.mark.parametrize(("line", "prompt", "_"), BOTH_SIDES)
def test_a_prompt_that_holds_a_line_is_denied(tmp_path: Path, line: str, prompt: str, _: str) -> None:
    assert denies(tmp_path, line, prompt)


@pytest.mark.parametrize(("line", "_", "prompt"), BOTH_SIDES)
def test_a_prompt_that_only_looks_like_it_passes(tmp_path: Path, line: str, _: str, prompt: str) -> None:
    assert not denies(tmp_path, line, prompt)


def test_comments_and_empty_lines_deny_nothing(tmp_path: Path) -> None:
    rules = denylist.read(written(tmp_path / "denied.txt", "# bomb", "", "   ", "  knife  ", "#gun"))

    assert rules.deny("a knife")
    assert not rules.deny("a bomb, a gun, and nothing")


def test_an_empty_file_denies_nothing(tmp_path: Path) -> None:
    assert not denies(tmp_path, "", "a bomb")


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    file = tmp_path / "denied.txt"
    file.write_bytes(b"\xef\xbb\xbfbomb\r\nknife\r\n")

    rules = denylist.read(file)

    assert rules.deny("a bomb") and rules.deny("a knife")


def test_of_phrases_that_begin_alike_each_is_found(tmp_path: Path) -> None:
    rules = denylist.read(written(tmp_path / "denied.txt", "red hot", "red hot chili sauce", "red"))
    longer = denylist.read(written(tmp_path / "denied.txt", "red hot chili sauce", "red wine"))

    assert rules.deny("red hot chili") and rules.deny("red")
    assert longer.deny("a red hot chili sauce") and longer.deny("red wine")
    assert not longer.deny("red hot chili") and not longer.deny("red")


# Name: lines of the file, the line that is named, and words of the message.
BROKEN = {
    "a regex that cannot be compiled": (["bomb", "/b[omb/"], 2, "not a regex"),
    "a regex without its end": (["/bomb"], 1, "between two slashes"),
    "an empty regex": (["//"], 1, "between two slashes"),
    "a regex that matches nothing": (["ok", "# c", "/b?/"], 3, "matches everything"),
    "a star": (["/bo*mb/"], 1, "write {0,20} for *"),
    "a plus": (["/bo+mb/"], 1, "write {0,20} for *"),
    "a repetition in a repetition": (["/(a{1,9}){1,9}b/"], 1, "repeat fewer parts"),
    "alternatives repeated": (["/(a|aa|aaa){1,12}b/"], 1, "repeat fewer parts"),
    "a very long match": (["/((a{100}){100}){100}/"], 1, "repeat fewer parts"),
    "a reference": ([r"/(a|b)\1/"], 1, "no references"),
    "a look ahead": (["/bomb(?=s)/"], 1, "no references to groups and does not look ahead"),
    "a long regex": (["/" + "a" * 199 + "/"], 1, "more than 200 characters"),
    "a long phrase": (["a" * 201], 1, "more than 200 characters"),
    "no word at all": (["ok", "!!!"], 2, "no letter, digit or symbol"),
    "unseen characters only": (["ok", "\u200b\u200b!"], 2, "no letter, digit or symbol"),
    "too many regexes together": ([f"/{letter}.{{0,60}}b/" for letter in "acdefg"], 6, "together"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_line_is_named_by_its_number(tmp_path: Path, case: str) -> None:
    lines, number, message = BROKEN[case]
    file = written(tmp_path / "denied.txt", *lines)

    with pytest.raises(ConfigurationError, match=re.escape(f"{file}, line {number}: ")) as raised:
        denylist.build(str(file))

    assert message in str(raised.value)


def test_what_is_within_the_bounds_is_taken(tmp_path: Path) -> None:
    fits = ["a" * 200, "/" + "a" * 198 + "/", "/kill.{0,60}child/", "/a?b?c?d?e/", "# " + "a" * 1000]

    assert denylist.read(written(tmp_path / "denied.txt", *fits)).deny("abcde")


def test_bytes_that_are_no_text_are_named_by_their_line(tmp_path: Path) -> None:
    file = tmp_path / "denied.txt"
    file.write_bytes(b"bomb\n\xff\xfe\n")

    with pytest.raises(ConfigurationError, match="line 2: not UTF-8"):
        denylist.build(str(file))


def test_a_missing_or_endless_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        denylist.build(str(tmp_path / "none.txt"))
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        denylist.build(str(tmp_path))
    with pytest.raises(ConfigurationError, match="more than 8388608 bytes"):
        denylist.build("/dev/zero")


# The worst that could be found within the bounds; the lease of a worker that is held up longer than 2.5 s is in danger.
WORST = [
    ("/a{0,20}a{0,6}b/", "a" * 20_000),
    ("/(a|a){0,8}c/", "a" * 20_000),
    ("/a?a?a?a?a?a?a?a?a?b/", "a" * 20_000),
    ("/(a|a|a|a){0,4}b/", "a" * 20_000),
    ("/(.{0,2} ?){0,3}b/", "a " * 10_000),
]


@pytest.mark.parametrize(("line", "prompt"), WORST)
def test_no_regex_that_is_taken_holds_the_interpreter_for_long(line: str, prompt: str) -> None:
    text = line.strip("/")
    try:
        pattern, cost = patterns.compiled(text)
    except ValueError:
        return  # even better
    began = time.thread_time()

    assert pattern.search(prompt) is None
    assert cost <= patterns.COST_MAX
    assert time.thread_time() - began < 2.0


def test_a_long_list_and_a_long_prompt_take_less_than_a_moment(tmp_path: Path) -> None:
    lines = [f"word{number} and{number % 7} more" for number in range(50_000)]
    rules = denylist.read(written(tmp_path / "denied.txt", *lines))
    began = time.thread_time()

    assert not rules.deny("b o m b 炸弹 żółw word1 and2 more " * 600)
    assert time.thread_time() - began < 1.0


@given(st.text(max_size=200))
def test_folding_any_text_is_final(text: str) -> None:
    once = words.folded(text)

    assert words.split(words.folded(once)) == words.split(once)


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12))
def test_any_word_is_found_again_however_it_is_cased_or_padded(word: str) -> None:
    phrase = tuple(words.split(words.folded(word)))
    rules = denylist._rules({phrase[0]: {phrase}}, []) if phrase else None

    for prompt in (word, word.upper(), f"draw {word}, please", f"\u200b{word}\u200d"):
        assert rules is None or rules.deny(prompt)


async def test_the_judge_says_a_class_and_never_the_word(tmp_path: Path) -> None:
    judge = denylist.build(str(written(tmp_path / "denied.txt", "bomb")))

    assert await judge.judge(Question("before", "a bomb", ())) == Block("prompt", "DENY_LIST")
    assert await judge.judge(Question("before", "a flower", ())) is None
    assert await judge.judge(Question("after", "a bomb", ())) is None


async def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = written(tmp_path / "denied.txt", "bomb")
    judge = denylist.build(str(file))
    question = Question("before", "a knife", ())

    assert await judge.judge(question) is None
    written(file, "knife")
    os.utime(file, ns=(1, 1))  # a clock that went back changes it too
    assert await judge.judge(question) is not None


async def test_a_file_that_breaks_later_leaves_the_rules_as_they_were_and_says_so_once(tmp_path: Path) -> None:
    file = written(tmp_path / "denied.txt", "bomb")
    judge = denylist.build(str(file))
    question = Question("before", "a bomb", ())

    with capture_logs() as logs:
        written(file, "knife", "/b[omb/")
        assert await judge.judge(question) is not None
        assert await judge.judge(question) is not None
        file.unlink()
        assert await judge.judge(question) is not None
        assert await judge.judge(question) is not None
        written(file, "knife")
        assert await judge.judge(question) is None

    assert [(entry["log_level"], "line 2" in entry.get("error", "")) for entry in logs] == [
        ("error", True), ("error", False), ("info", False),
    ]  # fmt: skip
