"""What was taken is found again where edits have moved it, and judged by what is left of it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from polylsp.journal.counts import Key
from polylsp.journal.survival import Survival, edit, kept
from tests.fakes import Clock

URI = "file:///code/a.py"
KEY = Key("2026-11-26", "python", "tiny", "line")
TAKEN = "maximum(a, 1)"
BEFORE, BEHIND = "import os\n\nreturn ", "\n\nx = 1\n"


class Watch:
    """One thing that was taken, and the clock that its survival goes by."""

    def __init__(self) -> None:
        self.clock, self.found = Clock(), Counter[str]()
        self.survival = Survival(self.clock.later, lambda _, name: self.found.update([name]))
        start = len(BEFORE)
        self.survival.take(KEY, URI, BEFORE + TAKEN + BEHIND, start, start + len(TAKEN))

    def after(self, seconds: float) -> set[str]:
        self.clock.go(seconds)
        return {name for name, count in self.found.items() if count}


def test_what_is_left_alone_survives_twice() -> None:
    watch = Watch()
    assert watch.after(14) == set()
    assert watch.after(1) == {"looked15s", "survived15s", "unchanged15s"}
    assert watch.after(105) >= {"looked2min", "survived2min", "unchanged2min"}
    assert not watch.survival.follows(URI)


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ("import os, re\n\nreturn " + TAKEN + BEHIND + "y = 2\n", {"survived", "unchanged"}),
        (BEFORE + "maximum(a, 2)" + BEHIND, {"survived"}),
        (BEFORE + "maximum(\n    a, 1\n)" + BEHIND, {"survived"}),
        (BEFORE + "b" + BEHIND, set()),
        (BEFORE + BEHIND, set()),
        ("", set()),
    ],
)
def test_it_is_looked_for_where_it_has_moved(document: str, left: set[str]) -> None:
    watch = Watch()
    watch.survival.change(URI, document)
    assert watch.after(15) == {"looked15s", *(f"{how}15s" for how in left)}


def test_the_same_text_elsewhere_is_not_taken_for_it() -> None:
    watch = Watch()
    watch.survival.change(URI, BEFORE + TAKEN + BEHIND + TAKEN)
    watch.survival.change(URI, BEFORE + BEHIND + TAKEN)
    assert watch.after(15) == {"looked15s"}


def test_an_edit_in_many_steps_is_followed() -> None:
    watch = Watch()
    text = BEFORE + TAKEN + BEHIND
    for key in "# A comment above.\n":
        text = text[:11] + key + text[11:]
        watch.survival.change(URI, text)
    assert "unchanged15s" in watch.after(15)


def test_nothing_is_known_of_what_was_closed() -> None:
    watch = Watch()
    watch.survival.forget(URI)
    assert watch.after(120) == set()
    watch = Watch()
    watch.survival.forget(URI)
    watch.survival.take(KEY, URI, "x", 0, 1)  # Opened again.
    assert watch.after(15) == {"looked15s", "survived15s", "unchanged15s"}
    assert watch.found["looked15s"] == 1


@given(old=some.text("ab\n", max_size=12), new=some.text("ab\n", max_size=12))
def test_an_edit_makes_one_text_of_the_other(old: str, new: str) -> None:
    start, end, length = edit(old, new)
    assert 0 <= start <= end <= len(old)
    assert old[:start] + new[start : start + length] + old[end:] == new


def test_what_is_kept_is_a_share() -> None:
    assert kept("a = b", "x; a = b") == 1
    assert kept("a = b", "a=b") == 1
    assert kept("one two", "one") == 0.5
    assert kept("one two", "") == 0
    long = "line of text\nanother one\n"
    assert kept(long, "    line of text\n" + "x\n" * 5000) == pytest.approx(12 / 23)
