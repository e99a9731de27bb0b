"""Somebody types a stretch, at some threshold: what is shown, what of it is taken, and what that comes to.

A simpler user than `bench.replay` has: takes whole what is what the file says and at least three characters, types
on otherwise; a suggestion that survives what is typed along with it is one show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import mean

from polylsp.bench.calibrate.stretches import Stretch
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration
from polylsp.types import Mode

_LEAST = 3  # Characters worth a look.


@dataclass(frozen=True, slots=True)
class Show:
    """One suggestion on the screen."""

    language: str
    mode: Mode
    raw: float  # Its probability, as the model says it
    said: float  # and as the user is told.
    right: bool
    taken: int  # Characters; 0 where it was not.


def walk(
    stretches: Iterable[Stretch], threshold: float, calibration: Calibration = AT_ITS_WORD
) -> list[Show]:
    """What is shown while `stretches` are typed, where a text must be right with probability `threshold`."""
    return [show for one in stretches for show in _typed(one, threshold, calibration)]


def _typed(stretch: Stretch, threshold: float, calibration: Calibration) -> Iterator[Show]:
    index, left, agrees = 0, 0, 0  # What is left of the suggestion on the screen.
    while index < len(stretch.places):
        place = stretch.places[index]
        if not left and place is not None and (one := place.shown(threshold, calibration)):
            left, agrees = one.length, one.agrees
            taken = min(left, len(stretch.places) - index) if one.right and left >= _LEAST else 0
            said = calibration.right(one.raw, place.mode)
            yield Show(stretch.language, place.mode, one.raw, said, one.right, taken)
        if left and agrees == left and left >= _LEAST:
            index, left = index + left, 0
        else:
            left = left - 1 if left and agrees else 0
            index, agrees = index + 1, agrees - 1


@dataclass(frozen=True, slots=True)
class Worth:
    """What suggestions came to; means of the languages, each counted alike."""

    completed: float  # Of the characters.
    wrong: float  # Of what was shown.


def worth(stretches: Iterable[Stretch], shows: Iterable[Show]) -> Worth:
    typed: dict[str, int] = {}
    for one in stretches:
        typed[one.language] = typed.get(one.language, 0) + len(one.places)
    said: dict[str, list[Show]] = {language: [] for language in typed}
    for show in shows:
        said[show.language].append(show)
    completed = [sum(show.taken for show in said[one]) / max(1, typed[one]) for one in typed]
    wrong = [sum(not show.right for show in said[one]) / max(1, len(said[one])) for one in typed]
    return Worth(mean(completed or [0.0]), mean(wrong or [0.0]))
