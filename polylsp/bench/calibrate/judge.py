"""How far off the probabilities of what is shown are, as the model says them and as calibrated.

Curves are judged on files that they were not fitted to: each quarter of the files by the curve of the others.
What is shown depends on the threshold, and where the user stands next on what was shown and taken; so shows, not
places, are what is fitted and judged, at thresholds from low to high.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polylsp.bench.calibrate.fit import WAYS, Fit, fitted, loss
from polylsp.bench.calibrate.stretches import Stretch
from polylsp.bench.calibrate.walk import Show, walk, worth
from polylsp.bench.claims import calibration_error
from polylsp.suggest.calibration import Calibration
from polylsp.suggest.refine import thresholds
from polylsp.types import Mode

# Raw thresholds whose shows are fitted to.
_SWEEP = (0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.92)
_CURVE = tuple(step / 20 for step in range(6, 19))  # Thresholds whose worth is told.
_FOLDS = 4


@dataclass(frozen=True, slots=True)
class Fold:
    """Files, and the calibration to judge on them."""

    stretches: Sequence[Stretch]
    calibration: Calibration


def judge(
    stretches: Sequence[Stretch], own: Calibration, *, memory: bool = False
) -> tuple[dict[str, Any], Calibration]:
    """What `stretches` tell of the model's `own` calibration, and the one that fits them best."""
    ways = {name: _held_out(stretches, way) for name, way in WAYS.items()}
    losses = {name: _loss(folds) for name, folds in ways.items()}
    way = min(losses, key=lambda name: losses[name])
    judged = {"raw": ways["raw"], "own": [Fold(stretches, own)], "fitted": ways[way]}
    report = {
        "way": way,
        "loss": losses,
        "shown": {
            name: _levels(folds, thresholds(memory=memory)) for name, folds in judged.items()
        },
        "curve": [{"threshold": one, **_row(stretches, _shows(ways[way], one))} for one in _CURVE],
    }
    return report, fitted(_swept(stretches), WAYS[way])


def _held_out(stretches: Sequence[Stretch], way: Fit) -> list[Fold]:
    """Each part of the files, with the curve of all the others."""
    order = list(range(len(stretches)))
    random.Random(7).shuffle(order)
    parts = [[stretches[index] for index in order[fold::_FOLDS]] for fold in range(_FOLDS)]
    rest = [[one for other in parts if other is not part for one in other] for part in parts]
    return [
        Fold(part, fitted(_swept(others), way)) for part, others in zip(parts, rest, strict=True)
    ]


def _swept(stretches: Sequence[Stretch]) -> list[Show]:
    return [show for threshold in _SWEEP for show in walk(stretches, threshold)]


def _loss(folds: Iterable[Fold]) -> float:
    """A show's mean, over the thresholds that are fitted to."""
    found = [
        (loss(shows, fold.calibration), len(shows))
        for fold in folds
        for shows in [_swept(fold.stretches)]
    ]
    return round(sum(one for one, _ in found) / max(1, sum(count for _, count in found)), 4)


def _levels(folds: Sequence[Fold], asked: Mapping[str, float]) -> dict[str, Any]:
    """The figures at each name's threshold, as `asked`; and the error over all of them, and over each mode's."""
    stretches = [one for fold in folds for one in fold.stretches]
    shows = {name: _shows(folds, threshold) for name, threshold in asked.items()}
    every = [show for some in shows.values() for show in some]
    parts = {"all": every}
    parts |= {mode.value: [show for show in every if show.mode is mode] for mode in Mode}
    rows = {name: _row(stretches, some) for name, some in shows.items()}
    return rows | {name: _error(some) for name, some in parts.items()}


def _shows(folds: Iterable[Fold], threshold: float) -> list[Show]:
    return [show for fold in folds for show in walk(fold.stretches, threshold, fold.calibration)]


def _row(stretches: Sequence[Stretch], shows: Sequence[Show]) -> dict[str, Any]:
    found = worth(stretches, shows)
    return {
        "completed": round(found.completed, 4),
        "wrong": round(found.wrong, 4),
        **_error(shows),
    }


def _error(shows: Sequence[Show]) -> dict[str, Any]:
    count = max(1, len(shows))
    return {
        "error": round(calibration_error([(show.said, show.right) for show in shows]), 4),
        "said": round(sum(show.said for show in shows) / count, 4),
        "right": round(sum(show.right for show in shows) / count, 4),
        "shown": len(shows),
    }
