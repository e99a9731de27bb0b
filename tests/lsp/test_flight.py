"""What is on its way goes on for as long as it leads where the user went."""

from __future__ import annotations

import pytest

from polylsp.lsp.flight import Flight
from polylsp.types import Cursor
from tests.marks import cursor

HERE = cursor("def f(a):\n    return █\n\nf(1)\n")


@pytest.mark.parametrize("said", ["", "a", "a +", "a + 1"])
def test_it_leads_on_while_what_is_typed_and_what_is_said_agree(said: str) -> None:
    flight = Flight(HERE)
    flight.say(said)
    assert flight.follow(HERE)
    assert flight.follow(HERE.typed("a"))
    assert flight.follow(HERE.typed("a +"))
    assert not flight.lost


def test_who_asks_by_hand_wants_more_than_others_get() -> None:
    assert not Flight(HERE).follow(HERE, explicit=True)
    assert Flight(HERE, explicit=True).follow(HERE, explicit=True)
    assert Flight(HERE, explicit=True).follow(HERE)


def test_what_begins_behind_a_suggestion_leads_on_while_that_is_typed() -> None:
    flight = Flight(HERE, lead="a + 1")
    flight.say("\n")
    assert flight.follow(HERE.typed("a"))
    assert flight.follow(HERE.typed("a + 1\n  "))
    assert not flight.follow(HERE.typed("a + 1;"))
    assert not flight.follow(HERE.typed("b"))


def test_it_is_lost_once_something_else_is_typed() -> None:
    flight = Flight(HERE)
    flight.say("a +")
    assert not flight.follow(HERE.typed("b"))
    assert flight.lost


def test_it_is_lost_once_something_else_is_said() -> None:
    flight = Flight(HERE)
    assert flight.follow(HERE.typed("a -"))
    flight.say("a")
    assert not flight.lost
    flight.say("a +")
    assert flight.lost


def test_what_was_typed_and_taken_back_is_forgotten() -> None:
    flight = Flight(HERE)
    flight.say("a +")
    assert not flight.follow(HERE.typed("b"))
    assert flight.follow(HERE)
    assert not flight.lost


@pytest.mark.parametrize(
    "elsewhere",
    [
        cursor("def f(a):\n    return█ \n\nf(1)\n"),  # Before the start.
        cursor("def f(a):\n    return \n\nf(1)█\n"),  # Moved on, nothing typed.
        cursor("def f(a):\n    return a█\n\nf(2)\n"),  # Something else has changed behind …
        cursor("def f(b):\n    return a█\n\nf(1)\n"),  # … or before.
        cursor(
            "def f(a):\n    return ()█\n\nf(1)\n".replace("()█", "(█)")
        ),  # Closed by the editor.
        cursor("def f(a):\n    return a█\n\nf(1)\n", path="other.py"),
    ],
)
def test_it_leads_nowhere_else(elsewhere: Cursor) -> None:
    assert not Flight(HERE).follow(elsewhere)
