"""Ghost text, key by key."""

from __future__ import annotations

import pytest

from polylsp.demo.ghost import Ghost

TWO = Ghost(10, ("return nil\n}", "return err"))


def test_what_is_typed_along_is_taken_off() -> None:
    assert TWO.typed("return ") == Ghost(17, ("nil\n}", "err"))
    assert TWO.typed("return n") == Ghost(18, ("il\n}",))
    assert TWO.turned(1).typed("return e") == Ghost(18, ("rr",))


def test_nothing_is_left_where_all_of_it_was_typed_or_something_else() -> None:
    assert TWO.typed("return nil\n}") is None
    assert TWO.typed("x") is None


def test_turning_goes_round() -> None:
    assert TWO.turned(1).text == "return err"
    assert TWO.turned(1).turned(1) == TWO.turned(-1).turned(-1) == TWO


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("return nil", "return"),
        (" nil)", " nil"),
        (") {", ")"),
        ("\n\treturn", "\n\treturn"),
        ("e\u0301t\u00e9 x", "e\u0301t\u00e9"),
        ("  ", "  "),
    ],
)
def test_a_word_is_what_editors_take_for_one(text: str, word: str) -> None:
    assert Ghost(0, (text,)).word == word


@pytest.mark.parametrize(
    ("text", "line"), [("nil\n}", "nil"), ("\n}\n", "\n}"), ("nil", "nil"), ("\n\n", "\n")]
)
def test_a_line_is_what_is_left_of_this_one_or_the_next(text: str, line: str) -> None:
    assert Ghost(0, (text,)).line == line
