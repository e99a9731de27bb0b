"""What suggestions were worth, from what was written down: shares of 1, and counts per 100.

Means are over languages, each counting the same; what concerns blocks, lengths and calibration is over all shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from polylsp.bench import claims
from polylsp.bench.claims import percentile
from polylsp.bench.replay.record import Show, Typed
from polylsp.suggest import scope
from polylsp.types import Cursor, Mode, Snapshot


def by_language(typed: Sequence[Typed]) -> dict[str, list[Typed]]:
    found: dict[str, list[Typed]] = {}
    for one in typed:
        found.setdefault(one.piece.language, []).append(one)
    return found


def row(typed: Sequence[Typed]) -> dict[str, float]:
    """What came of some pieces, one language's or others'."""
    characters = sum(len(one.piece) for one in typed)
    completed, accepts = sum(one.completed for one in typed), sum(one.accepts for one in typed)
    shows = [show for one in typed for show in one.shows]
    taken, wrong = sum(show.accepted > 0 for show in shows), sum(not show.right for show in shows)
    return {
        "completed": share(completed, characters),
        "net_saved": share(completed - accepts, characters),
        "wrong": share(wrong, len(shows)),
        "accepted_of_shown": share(taken, len(shows)),
        "shown_per_100": round(100 * len(shows) / max(1, characters), 2),
        "shown_per_100_keys": round(100 * len(shows) / max(1, sum(one.keys for one in typed)), 2),
        "characters": characters,
    }


def means(rows: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    names = list(next(iter(rows.values()), {}))
    return {name: round(mean(row[name] for row in rows.values()), 4) for name in names}


def summary(typed: Sequence[Typed]) -> dict[str, Any]:
    """All there is to say of how good the suggestions were."""
    languages = {language: row(ones) for language, ones in by_language(typed).items()}
    shows = [show for one in typed for show in one.shows]
    characters = sum(len(one.piece) for one in typed)
    found: dict[str, Any] = {
        "files": len(typed),
        "languages": languages,
        "mean": means(languages),
        "shown": len(shows),
        "flickers": sum(one.flickers for one in typed),
        "lengths": lengths(shows),
        "line": _kind([show for show in shows if not show.block], characters),
        "block": {
            **_kind([show for show in shows if show.block], characters),
            "ends_with_block": _ends_with_block(typed),
        },
    }
    if (error := calibration_error(shows)) is not None:
        found["calibration_error"] = error
    return found


def lengths(shows: Sequence[Show]) -> dict[str, float]:
    """How long, in characters, what was shown is."""
    of = [len(show.text) for show in shows]
    return {f"p{share:g}": percentile(of, share / 100) for share in (10, 25, 50, 75, 90, 100)}


def calibration_error(shows: Sequence[Show]) -> float | None:
    """Of the probabilities that were told with `shows`; None where none was."""
    told = [(show.confidence, show.right) for show in shows if show.confidence is not None]
    return round(claims.calibration_error(told), 4) if told else None


def share(part: float, whole: float) -> float:
    """0 where there is no whole."""
    return round(part / whole, 4) if whole else 0.0


def _kind(shows: Sequence[Show], characters: int) -> dict[str, float]:
    """Of line or block suggestions alone."""
    return {
        "shown": len(shows),
        "completed": share(sum(show.accepted for show in shows), characters),
        "wrong": share(sum(not show.right for show in shows), len(shows)),
    }


def _ends_with_block(typed: Sequence[Typed]) -> float:
    """Of right suggestions of several lines, the share that ends where the file's block does."""
    right = [(one, show) for one in typed for show in one.shows if show.block and show.right]
    return share(sum(_to_the_end(one, show) for one, show in right), len(right))


def _to_the_end(typed: Typed, show: Show) -> bool:
    piece, at = typed.piece, show.offset
    before = piece.text[:at] + (piece.opened[piece.start :] if piece.hole else "")
    cursor = Cursor(Snapshot.of(piece.uri, 0, piece.language, before), at)
    whole = scope.within(piece.text[at:], cursor, Mode.BLOCK, scope.floor(cursor), explicit=False)
    return show.text.rstrip() == whole.rstrip()
