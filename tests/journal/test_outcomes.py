"""What became of a suggestion is read from the keys that follow; a single key is never an acceptance."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from polylsp.journal.counts import Key
from polylsp.journal.outcomes import Outcome, Show
from polylsp.types import Cursor, Span
from tests.marks import cursor

HERE = cursor("def f(a):\n    return █\n\nf(1)\n")
TEXT = "max(a, 1)"
KEY = Key("2026-11-26", "python", "tiny", "line")


def shown(*texts: str, at: Cursor = HERE) -> Show:
    return Show.at(KEY, at, texts or (TEXT,))


def follow(
    show: Show, text: str, at: int | None = None, inserted: Sequence[str] = ()
) -> Span | None:
    """The document becomes what it is once `text` stands at the cursor."""
    offset = None if at is None else HERE.offset + at
    return show.follow(HERE.typed(text).snapshot.text, offset, inserted)


def test_what_is_put_in_whole_is_accepted() -> None:
    show = shown()
    assert follow(show, TEXT) == Span(HERE.offset, HERE.offset + len(TEXT))
    assert (show.outcome, show.taken) == (Outcome.ACCEPTED, len(TEXT))


def test_what_is_left_of_it_is_accepted_too() -> None:
    show = shown()
    assert follow(show, "m") is None
    assert follow(show, "ma") is None
    assert follow(show, TEXT) == Span(HERE.offset + 2, HERE.offset + len(TEXT))
    assert show.outcome is Outcome.ACCEPTED


def test_a_word_of_it_is_accepted_in_part_whatever_comes_then() -> None:
    for then in ("max(a,", "max(b", "ma"):
        show = shown()
        assert follow(show, "max(") == Span(HERE.offset, HERE.offset + 4)
        assert show.outcome is None
        follow(show, then)
        show.end(Outcome.DISMISSED)
        assert show.outcome is Outcome.PARTLY


def test_word_by_word_to_the_end_is_accepted() -> None:
    show = shown()
    for text in ("max(", "max(a, ", TEXT):
        assert follow(show, text)
    assert (show.outcome, show.taken) == (Outcome.ACCEPTED, len(TEXT))


def test_key_by_key_to_the_end_is_typed_out() -> None:
    show = shown()
    for end in range(1, len(TEXT)):
        assert follow(show, TEXT[:end]) is None
        assert show.outcome is None
    follow(show, TEXT)
    assert show.outcome is Outcome.TYPED_OUT


def test_keys_that_come_in_one_message_are_keys() -> None:
    show = shown()
    assert follow(show, "max", inserted=("m", "a", "x")) is None
    assert (show.outcome, show.taken) == (None, 0)
    # Even the last one of the suggestion, and the first one behind it.
    follow(show, TEXT + " ", inserted=(*TEXT[3:], " "))
    assert show.outcome is Outcome.TYPED_OUT


def test_keys_may_come_together_with_what_was_taken() -> None:
    show = shown()
    taken = follow(show, "max(a, 1) + 2", inserted=("m", "ax(a, 1)", " ", "+", " ", "2"))
    assert taken == Span(HERE.offset + 1, HERE.offset + len(TEXT))
    assert (show.outcome, show.taken) == (Outcome.ACCEPTED, len(TEXT) - 1)


def test_at_the_start_of_a_document_too() -> None:
    show = shown(at=cursor("█"))
    assert show.follow("max(a,b", None, ("max(", "a,", "b")) == Span(0, 6)
    assert show.outcome is Outcome.PARTLY


def test_a_key_may_come_as_a_whole_line() -> None:
    show = shown()
    assert follow(show, "m", inserted=("    return m",)) is None
    assert (show.outcome, show.taken, show.typed) == (None, 0, "m")


def test_something_else_is_typed_against() -> None:
    show = shown()
    follow(show, "m")
    follow(show, "mi")
    assert show.outcome is Outcome.AGAINST


@pytest.mark.parametrize("pasted", ["max(a, 1) + 2", "min(a)"])
def test_what_only_begins_like_it_was_not_accepted(pasted: str) -> None:
    show = shown()
    assert follow(show, pasted) is None
    assert show.outcome is Outcome.AGAINST


def test_an_edit_elsewhere_dismisses() -> None:
    show = shown()
    show.follow(HERE.snapshot.text + "x", None, ())
    assert show.outcome is Outcome.DISMISSED


def test_taking_keys_back_is_neither() -> None:
    show = shown()
    for text in ("m", "ma", "m", ""):
        follow(show, text)
        assert show.outcome is None
    show.follow(HERE.snapshot.text.replace("return ", "return"), None, ())
    assert show.outcome is Outcome.DISMISSED


@pytest.mark.parametrize("cursor_known", [True, False])
def test_a_bracket_that_the_editor_closes_is_one_key(cursor_known: bool) -> None:
    show = shown()
    follow(show, "max")
    taken = follow(show, "max()", 4 if cursor_known else None, ("()",) if cursor_known else ())
    assert (taken, show.outcome) == (None, None)
    assert show.typed == "max("
    # The rest goes between them.
    assert show.renew(Cursor(HERE.typed("max()").snapshot, HERE.offset + 4), ["a, 1"])
    assert follow(show, TEXT)
    assert show.outcome is Outcome.ACCEPTED


def test_a_pair_that_is_all_there_is_was_typed() -> None:
    show = shown("()")
    follow(show, "()", 1, ("()",))
    assert show.outcome is Outcome.TYPED_OUT


@pytest.mark.parametrize(
    ("text", "pressed", "inserted", "reached"),
    [
        ("\n        return a", "\n        ", "\n        ", 9),
        ("{\n    a\n}", "{\n    \n", "\n    \n", 6),
    ],
)
def test_return_with_its_indent_is_one_key(
    text: str, pressed: str, inserted: str, reached: int
) -> None:
    show = shown(text)
    if not pressed.startswith("\n"):
        follow(show, pressed[0])
    assert follow(show, pressed, reached, (inserted,)) is None
    assert (show.outcome, show.taken, show.typed) == (None, 0, pressed[:reached])


def test_typing_along_is_one_show() -> None:
    show = shown()
    follow(show, "max")
    assert show.renew(HERE.typed("max"), ["(a, 1)"])
    assert show.renew(HERE.typed("max"), ["(a"])  # Shorter, or longer.
    assert show.renew(HERE.typed("max"), ["(a, 1) + 1"])
    assert show.texts == ("max(a, 1) + 1",)
    assert not show.renew(HERE.typed("max"), ["_of(a)"])
    assert not show.renew(HERE, [TEXT])


def test_of_several_any_may_be_accepted() -> None:
    show = shown("a", "b.c")
    follow(show, "b.c")
    assert show.outcome is Outcome.ACCEPTED


def test_what_went_from_the_screen_is_not_typed_against() -> None:
    show = shown()
    follow(show, "m")
    assert show.renew(HERE.typed("m"), [])
    follow(show, "mi")
    assert show.outcome is Outcome.DISMISSED
    assert not shown().renew(HERE, [])


def test_its_last_letters_may_be_typed_out_of_sight() -> None:
    show = shown("ax")
    follow(show, "a")
    show.renew(HERE.typed("a"), [])  # One letter is too little to show.
    follow(show, "ax")
    assert show.outcome is Outcome.TYPED_OUT


def test_nothing_is_accepted_that_is_not_seen() -> None:
    show = shown()
    follow(show, "m")
    show.renew(HERE.typed("m"), [])
    assert follow(show, TEXT) is None
    assert show.outcome is Outcome.DISMISSED
