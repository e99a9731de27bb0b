"""What answers come to: shares of places, by language and kind of place, and what their confidence is worth.

Means are over places; each language has as many, where its packages have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from polylsp.bench.claims import calibration_error
from polylsp.evals import intervals
from polylsp.evals.polyline.points import Point
from polylsp.evals.polyline.score import Score, score
from polylsp.evals.polyline.speaker import Said

COVERAGES = (20, 40, 60)  # Per cent of the places, those first where it is surest.


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer at a place, judged."""

    language: str
    package: str
    kind: str
    score: Score
    confidence: float
    prompt_tokens: int

    @classmethod
    def of(cls, point: Point, said: Said) -> Scored:
        held = point.held
        judged = score(said.text, point.truth)
        return cls(
            held.language,
            held.package,
            point.kind.value,
            judged,
            said.confidence,
            said.prompt_tokens,
        )


def scored(points: Sequence[Point], answers: Mapping[str, Said]) -> list[Scored]:
    return [Scored.of(point, answers[point.key]) for point in points]


def summary(found: Sequence[Scored]) -> dict[str, Any]:
    """All there is to say of one way. At least one place."""
    exact, packages = exact_of(found), [one.package for one in found]
    return {
        **row(found),
        "interval": intervals.of_mean(exact, packages),
        "precision": {str(share): precision(found, share) for share in COVERAGES},
        "calibration_error": round(
            calibration_error([(one.confidence, one.score.exact == 1) for one in found]), 4
        ),
        "prompt_tokens": round(mean(one.prompt_tokens for one in found)),
        "languages": by(found, lambda one: one.language),
        "kinds": by(found, lambda one: one.kind),
        "curve": [precision(found, share) for share in range(5, 101, 5)],
    }


def row(found: Sequence[Scored]) -> dict[str, Any]:
    """The means of the scores."""
    parts = [asdict(one.score) for one in found]
    means = {name: round(mean(part[name] for part in parts), 4) for name in parts[0]}
    return {"points": len(found), **means}


def by(found: Sequence[Scored], key: Callable[[Scored], str]) -> dict[str, Any]:
    groups: dict[str, list[Scored]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return {name: row(groups[name]) for name in sorted(groups)}


def precision(found: Sequence[Scored], share: int) -> float:
    """How many are right of the `share` per cent where it is surest."""
    surest = sorted(found, key=lambda one: -one.confidence)
    shown = surest[: max(1, len(found) * share // 100)]
    return round(mean(one.score.exact for one in shown), 4)


def exact_of(found: Sequence[Scored]) -> list[float]:
    return [one.score.exact for one in found]


def compared(ours: Sequence[Scored], theirs: Sequence[Scored]) -> dict[str, Any]:
    """How much more often `ours` are right, at the same places."""
    return compared_with(ours, exact_of(theirs))


def compared_with(ours: Sequence[Scored], right: Sequence[float]) -> dict[str, Any]:
    """The same, where of the others only is known what they were `right` about."""
    exact, packages = exact_of(ours), [one.package for one in ours]
    return {
        "difference": round(mean(exact) - mean(right), 4),
        "interval": intervals.of_difference(exact, right, packages),
        "ratio": round(mean(exact) / mean(right), 4) if any(right) else 0.0,
        "ratio_interval": intervals.of_ratio(exact, right, packages),
        "points": len(exact),
    }
