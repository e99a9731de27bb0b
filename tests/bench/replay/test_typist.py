"""The typist, on a clock of its own, before a screen that is told what to show and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polylsp.bench.replay.contestant import Press, Shown
from polylsp.bench.replay.keys import Hand, Stroke
from polylsp.bench.replay.pieces import Piece
from polylsp.bench.replay.record import Typed
from polylsp.bench.replay.typist import Typist

TEXT = "total = compute(values)\n"


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Regular(Hand):
    """A key every 200 ms, and notices after 250."""

    def strokes(self, text: str, at: int) -> list[Stroke]:
        return [Stroke(0.2, text[at])]

    def reaction(self, median: float) -> float:
        return median


class Slips(Regular):
    """Types one wrong letter, looks elsewhere, and mends it."""

    def strokes(self, text: str, at: int) -> list[Stroke]:
        if at != 3:
            return super().strokes(text, at)
        typo = [Stroke(0.2, "x"), Stroke(0.2, erased=1)]
        return [*typo, Stroke(0.2, moved=-2), Stroke(0.2, moved=2), Stroke(0.2, text[at])]


class Screen:
    """Shows `said[offset]` some time after the key that leads there; keeps nothing by itself."""

    name = "screen"
    delay = 0.0

    def __init__(self, clock: Clock, said: dict[int, str], after: float = 0.05) -> None:
        self.presses: list[Press] = []
        self.text = ""
        self._clock, self._said, self._after = clock, said, after

    def open(self, uri: str, language_id: str, text: str, offset: int) -> None:
        self.text = text

    def press(self, start: int, end: int, text: str, offset: int) -> None:
        self.text = self.text[:start] + text + self.text[end:]
        self.presses.append(Press(self._clock.now(), offset))

    def screen(self) -> Shown | None:
        last = self.presses[-1] if self.presses else Press(0, 0)
        text = self._said.get(last.offset)
        there = text is not None and self._clock.now() - last.at >= self._after
        return Shown(last.offset, text) if there and text else None

    def settle(self, seconds: float) -> None: ...

    def close(self) -> None: ...

    def cpu_seconds(self) -> float:
        return self._clock.now() / 10

    def figures(self) -> dict[str, Any]:
        return {"answers": len(self.presses)}

    def quit(self) -> None: ...


def play(
    said: dict[int, str], after: float = 0.05, hand: Hand | None = None, rule: str = "full"
) -> tuple[Typed, Screen]:
    clock = Clock()
    screen = Screen(clock, said, after)
    piece = Piece(Path("a.py"), "python", TEXT, 0, len(TEXT), hole=False)
    typed = Typist(screen, hand or Regular(), clock, rule).type(piece)
    assert screen.text == TEXT
    return typed, screen


def rest(offset: int, length: int) -> dict[int, str]:
    """The truth up to `offset` + `length`, shown again at every place on the way."""
    end = offset + length
    return {at: TEXT[at:end] for at in range(offset, end)}


def test_without_suggestions_every_character_costs_its_key() -> None:
    typed, screen = play({})
    assert typed.keys == len(TEXT) == len(screen.presses)
    assert (typed.completed, typed.shows, typed.astray) == (0, [], set())
    assert typed.seconds == pytest.approx(2 + 0.2 * len(TEXT)), "the document was looked at first"
    assert typed.cpu_seconds > 0
    assert typed.told("answers") == len(TEXT)


def test_what_was_noticed_is_taken_in_one_key() -> None:
    typed, _ = play(rest(4, 8), after=0.0)
    [show] = typed.shows
    assert (show.offset, show.text, show.right) == (4, TEXT[4:12], True)
    # Seen for 200 ms at the first key and typed through, taken at the second.
    assert (show.accepted, typed.accepts, typed.completed) == (7, 1, 7)
    assert typed.keys == len(TEXT) - 6
    assert typed.flickers == 0


def test_what_survives_the_keys_is_one_show_even_where_it_is_hidden_in_between() -> None:
    typed, _ = play(rest(4, 8), after=0.15)
    assert [show.accepted for show in typed.shows] == [0]


def test_what_comes_as_the_key_is_pressed_is_not_noticed() -> None:
    typed, _ = play({4: TEXT[4:12]}, after=0.19)
    assert len(typed.shows) == 1
    assert typed.completed == 0


def test_what_does_not_fit_is_typed_over() -> None:
    typed, _ = play({4: "l = nothing", 9: "x"}, after=0.0)
    assert [show.right for show in typed.shows] == [False, False]
    assert typed.completed == 0


def test_a_valid_suggestion_that_gives_way_to_another_is_a_flicker() -> None:
    typed, _ = play({4: "l = nothing", 5: " is"}, after=0.0)
    assert typed.flickers == 1
    # One that was typed against does not count, nor one that goes on from what was there.
    assert play({4: "x", 5: " is"}, after=0.0)[0].flickers == 0
    assert play({4: "l =", 5: " = compute"}, after=0.0)[0].flickers == 0


def test_nothing_is_taken_while_a_typo_stands() -> None:
    typed, screen = play({4: "al = compute", 2: "tal = compute"}, after=0.0, hand=Slips())
    assert typed.astray == {3, 5}
    assert [show.right for show in typed.shows[:2]] == [True, False]
    assert typed.completed == 0
    assert screen.presses[5].offset == 1


def test_a_part_is_taken_by_the_rule() -> None:
    said = {8: "compute(nothing)", 9: "ompute(nothing)"}
    assert play(said, after=0.0)[0].completed == 0
    typed, _ = play(said, after=0.0, rule="word")
    assert (typed.completed, typed.shows[0].right) == (len("ompute"), False)
