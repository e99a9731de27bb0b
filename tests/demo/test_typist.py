"""Somebody who types a file, whatever is suggested."""

from __future__ import annotations

from random import Random

from polylsp.demo.ghost import Ghost
from polylsp.demo.typist import LOOK, Press, press

CHANCE = Random(1)


def test_what_is_right_is_looked_at_and_taken() -> None:
    assert press("nil\n}", Ghost(0, ("nil\n}",)), CHANCE) == Press("nil\n}", LOOK, takes=True)


def test_as_much_of_it_as_is_right_is_taken() -> None:
    wrong_below = press("nil\n}", Ghost(0, ("nil\n\n",)), CHANCE)
    wrong_behind = press("nil, err", Ghost(0, ("nil)",)), CHANCE)
    assert wrong_below == wrong_behind == Press("nil", LOOK, takes=True)


def test_what_is_wrong_or_tiny_is_typed_past() -> None:
    for ghost in (Ghost(0, ("false",)), Ghost(0, ("n",)), None):
        key = press("nil", ghost, CHANCE)
        assert key is not None
        assert (key.text, key.takes) == ("n", False)


def test_keys_make_up_the_text_at_the_speed_of_people() -> None:
    text, typed, seconds = "func main() {\n\tfmt.Println()\n}\n", "", 0.0
    while key := press(text[len(typed) :], None, CHANCE):
        typed += key.text
        seconds += key.seconds
    assert typed == text
    assert 5 < len(text) / seconds < 15


def test_a_new_line_comes_with_its_indentation() -> None:
    key = press("\n\t\tx", None, CHANCE)
    assert key is not None
    assert key.text == "\n\t\t"
