"""What is worth a key."""

from __future__ import annotations

import pytest

from polylsp.bench.replay.rules import is_block, taken

TEXT = "value = compute(value)\nreturn value\n"


@pytest.mark.parametrize(
    ("suggestion", "at", "expected"),
    [
        ("e = compute(value)", 4, "e = compute(value)"),
        ("e = compute(other)", 4, ""),
        ("e =", 4, ""),  # Right, but too little …
        ("lue", 2, "lue"),  # … unless an identifier is finished …
        ("lu", 2, ""),  # … and this is not.
        (" = c", 5, ""),
        ("", 4, ""),
        ("\n", 22, ""),
    ],
)
def test_a_suggestion_is_taken_whole(suggestion: str, at: int, expected: str) -> None:
    assert taken(suggestion, TEXT, at) == expected


def test_less_is_taken_where_the_rule_has_it() -> None:
    block = " = compute(value)\nreturn other"
    assert taken(block, TEXT, 5) == ""
    assert taken(block, TEXT, 5, "line") == " = compute(value)"
    assert taken("compute(other)", TEXT, 8, "line") == ""
    assert taken("compute(other)", TEXT, 8, "word") == "compute"
    assert taken("computer", TEXT, 8, "word") == ""


def test_a_block_says_more_than_one_line() -> None:
    assert is_block("a\nb")
    assert not is_block("\n    a\n")
