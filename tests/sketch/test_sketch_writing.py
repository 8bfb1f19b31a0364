"""Where the words of a prompt stand in it, whatever it is written in."""

from __future__ import annotations

import pytest
from prompt_table import TABLE

from cavendish_sketch.language import findings, writing

PROMPTS = [row.prompt for rows in TABLE.values() for row in rows]


@pytest.mark.parametrize("language", ["en", "ja", "zh", "th"])
def test_a_word_stands_where_it_says(language: str) -> None:
    texts = [writing.plain(prompt) for prompt in (*PROMPTS, "3匹の猫", "1girl, 2boys", "赤い傘🦊と的的的猫")]
    found = [
        (text, token) for text in texts for it in findings.find(writing.tokens(text), language) for token in it.tokens
    ]

    assert len(found) > 2000
    assert [token for text, token in found if text[token.start : token.end] != token.written] == []


def test_words_are_taken_out_where_they_stand() -> None:
    assert writing.without("a red fox, a red hat", [(13, 16), (2, 5)]) == "a  fox, a  hat"
    assert writing.without("a red fox", [(2, 9), (6, 9)]) == "a "
    assert writing.without("a red fox", []) == "a red fox"
