"""What is seen stays while it is typed along with; what was turned down is not shown again at that place."""

from __future__ import annotations

import pytest

from polylsp.suggest.screen import Screen
from polylsp.types import Cursor, Suggestion
from tests.marks import cursor

HERE = cursor("def f(a):\n    return █\n\nf(1)\n")
TEXT = "a + 1"


def shown(*texts: str) -> Screen:
    screen = Screen()
    screen.show(HERE, [Suggestion(HERE, text, 0.5) for text in texts or (TEXT,)])
    return screen


def turned_down(screen: Screen, here: Cursor, text: str) -> bool:
    return screen.turned_down(Suggestion(here, text, 0.9))


def test_what_is_typed_against_is_turned_down_where_that_began() -> None:
    screen = shown()
    screen.move(HERE.typed("a"))
    assert not turned_down(screen, HERE.typed("a"), " + 1")
    screen.move(HERE.typed("a -"))
    screen.move(HERE.typed("a"))
    assert turned_down(screen, HERE.typed("a "), "+ 1")
    assert not turned_down(screen, HERE.typed("a "), "+ 2")
    assert not turned_down(screen, HERE.typed("a"), " + 1")
    assert not turned_down(screen, HERE, TEXT)


def test_what_was_taken_and_deleted_is_turned_down() -> None:
    screen = shown()
    screen.move(HERE.typed(TEXT))
    screen.show(HERE.typed(TEXT), [])  # Nothing more is suggested behind it.
    screen.move(HERE.typed("a + "))
    screen.move(HERE)
    assert turned_down(screen, HERE.typed("a + "), "1")
    assert turned_down(screen, HERE, TEXT)
    assert not turned_down(screen, HERE.typed("a"), " + 1")


def test_typing_along_and_taking_that_back_turns_nothing_down() -> None:
    screen = shown()
    screen.move(HERE.typed("a +"))
    screen.move(HERE)
    assert not turned_down(screen, HERE, TEXT)


def test_going_on_behind_it_turns_nothing_down() -> None:
    screen = shown()
    screen.move(HERE.typed(TEXT))
    screen.move(HERE.typed(TEXT + " + 2"))
    assert not turned_down(screen, HERE, TEXT)


def test_of_several_the_one_that_was_chosen_is_not_turned_down() -> None:
    screen = shown("a + 1", "b")
    screen.move(HERE.typed("b"))
    assert not turned_down(screen, HERE, "b")
    assert not turned_down(screen, HERE, "a + 1")
    screen = shown("a + 1", "b")
    screen.move(HERE.typed("c"))
    assert turned_down(screen, HERE, "b")
    assert turned_down(screen, HERE, "a + 1")


@pytest.mark.parametrize(
    "elsewhere",
    [
        cursor("def f(a):\n    return \n\nf(12█)\n"),
        cursor("def f(a):\n    return x█\n\nf(1)\n", path="other.py"),
    ],
)
def test_an_edit_elsewhere_turns_nothing_down(elsewhere: Cursor) -> None:
    screen = shown()
    screen.move(elsewhere)
    screen.move(HERE.typed("x"))
    assert turned_down(screen, HERE, TEXT) is (elsewhere.snapshot.uri != HERE.snapshot.uri)


def test_nothing_is_turned_down_once_it_has_gone_from_the_screen() -> None:
    screen = shown()
    screen.show(HERE, [])
    screen.move(HERE.typed("x"))
    assert not turned_down(screen, HERE, TEXT)
    screen = shown()
    screen.forget(HERE.snapshot.uri)
    screen.move(HERE.typed("x"))
    assert not turned_down(screen, HERE, TEXT)


def test_a_place_stays_the_same_while_other_parts_change() -> None:
    far = "\n" * 500
    here = cursor("x = 1" + far + "return █" + far + "y = 1")
    screen = Screen()
    screen.show(here, [Suggestion(here, TEXT, 0.5)])
    screen.move(here.typed("x"))
    assert turned_down(screen, cursor("x = 2" + far + "return █" + far + "y = 2"), TEXT)
    assert not turned_down(screen, cursor("x = 1" + far + "yield █" + far + "y = 1"), TEXT)


def left(screen: Screen, here: Cursor) -> list[str]:
    return [one.text for one in screen.left(here)]


def test_what_is_seen_stays_while_its_start_is_typed_and_taken_back() -> None:
    screen = shown("a + 1", "a - 1", "b")
    assert left(screen, HERE) == ["a + 1", "a - 1", "b"]
    assert left(screen, HERE.typed("a")) == [" + 1", " - 1"]
    assert screen.left(HERE.typed("a +")) == (Suggestion(HERE.typed("a +"), " 1", 0.5),)
    screen.show(
        HERE.typed("a "), [Suggestion(HERE.typed("a "), text, 0.7) for text in ("+ 1", "- 1")]
    )
    assert left(screen, HERE) == ["a + 1", "a - 1", "b"]
    screen.show(HERE.typed("a "), [Suggestion(HERE.typed("a "), "* 2", 0.7)])
    assert left(screen, HERE) == []
    assert left(screen, HERE.typed("a ")) == ["* 2"]


@pytest.mark.parametrize("typed", ["x", "a-", "a + 1", "a + 12"])
def test_nothing_is_left_once_something_else_or_all_of_it_is_typed(typed: str) -> None:
    screen = shown()
    assert left(screen, HERE.typed(typed)) == []
    screen.move(HERE.typed(typed))
    assert left(screen, HERE.typed("a")) == []


def test_nothing_is_left_that_the_text_filters_would_cut() -> None:
    here = cursor("f(█)")
    screen = Screen()
    screen.show(here, [Suggestion(here, "a)", 0.5)])
    assert left(screen, here) == []


def test_what_is_seen_may_be_forgotten_and_what_was_turned_down_is_not() -> None:
    screen = shown()
    screen.move(HERE.typed("x"))
    screen.show(HERE, [Suggestion(HERE, "b", 0.5)])
    screen.clear()
    assert left(screen, HERE) == []
    assert turned_down(screen, HERE, TEXT)


def test_nothing_is_left_in_another_document() -> None:
    assert left(shown(), cursor("def f(a):\n    return █\n\nf(1)\n", path="other.py")) == []


def test_brackets_that_were_taken_are_none_that_the_editor_closed() -> None:
    here = cursor("x = f█")
    screen = Screen()
    screen.show(here, [Suggestion(here, "() + 1", 0.5)])
    screen.move(cursor("x = f(█)"))  # Either way the document reads so.
    assert left(screen, cursor("x = f()█")) == [" + 1"]
    screen.show(here, [Suggestion(here, "(a) + 1", 0.5)])
    screen.move(cursor("x = f(█)"))
    assert left(screen, here) == []
    assert not turned_down(screen, here, "(a) + 1")


def test_only_the_last_are_remembered() -> None:
    screen = Screen()
    for count in range(300):
        screen.show(HERE, [Suggestion(HERE, f"a{count}", 0.5)])
        screen.move(HERE.typed("z"))
    assert not turned_down(screen, HERE, "a0")
    assert turned_down(screen, HERE, "a299")
