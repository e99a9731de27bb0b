"""What comes after an answer is guessed from it: the suggestion, or Return."""

from __future__ import annotations

import pytest

from polylsp.suggest.speculate import beyond
from polylsp.types import Answer, Cursor, Silence, Suggestion
from tests.marks import cursor


def silent(reason: Silence) -> Answer:
    return Answer((), reason)


def test_a_suggestion_is_taken() -> None:
    here = cursor("a = █\n")
    answer = Answer((Suggestion(here, "one", 0.9), Suggestion(here, "two", 0.8)))
    assert beyond(here, answer) == "one"


@pytest.mark.parametrize("reason", [Silence.EMPTY, Silence.GATE, Silence.REPEAT])
def test_return_is_pressed_where_a_line_is_over(reason: Silence) -> None:
    assert beyond(cursor("if a:\n    b = 1█\n"), silent(reason)) == "\n    "


@pytest.mark.parametrize(
    ("here", "more"),
    [
        (cursor("if a:█"), "\n    "),
        (cursor("if a:\n  b\nif c:█"), "\n  "),
        (cursor("if a:\n  if b:\n    c\n    if d:█"), "\n      "),
        (cursor("if (a) {\n\tif (b) {█", "c"), "\n\t\t"),
        (cursor("func f() {\n\ta()\n}\nfunc g() {█", "go"), "\n\t"),
    ],
)
def test_blocks_are_indented_as_the_document_has_it(here: Cursor, more: str) -> None:
    assert beyond(here, silent(Silence.EMPTY)) == more


@pytest.mark.parametrize(
    ("here", "reason"),
    [
        (cursor("a = f(█)"), Silence.EMPTY),  # Return would go elsewhere.
        (cursor("a = 1\n    █\n"), Silence.EMPTY),
        (cursor("a = █\n"), Silence.UNSURE),
        (cursor("a = 1█\n"), Silence.DEADLINE),
        (cursor("a = 1█\n"), Silence.PAUSED),
    ],
)
def test_elsewhere_nobody_knows(here: Cursor, reason: Silence) -> None:
    assert beyond(here, silent(reason)) == ""
