"""How soon suggestions came and what that cost, from the keys of one contestant and what it tells of itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from polylsp.bench.claims import percentile
from polylsp.bench.replay.contestant import Contestant, Press
from polylsp.bench.replay.quality import share
from polylsp.bench.replay.record import Typed

_QUANTILES = 101


def summary(
    contestant: Contestant, typed: Sequence[Typed], offered: Mapping[Path, set[int]]
) -> dict[str, Any]:
    """`offered`: by file, where the steady run had an answer that was not empty."""
    presses = [press for one in typed for press in contestant.presses[one.first : one.last]]
    asked = [press for press in presses if press.asked is not None]
    shown = [press for press in presses if press.text and press.answered is not None]
    every = [_milliseconds(press.at, press) for press in shown]
    # What is typed along with is on the screen already: everybody has that at once, the more the longer it is.
    item = [_milliseconds(press.at, press) for press in shown if not press.typed_through]
    beyond = [max(0.0, one - 1000 * contestant.delay) for one in item]
    through = [
        _milliseconds(press.asked or press.at, press) for press in shown if press.typed_through
    ]
    before_next, expected = _before_next(contestant.presses, typed, offered)
    return {
        "client_delay_ms": round(1000 * contestant.delay, 1),
        "keys": len(presses),
        "asked": len(asked),
        "unanswered": share(sum(press.answered is None for press in asked), len(asked)),
        "items": len(shown),
        "new_items": len(item),
        "key_to_any_item_p95_ms": _rounded(percentile(every, 0.95)),
        "key_to_item_p50_ms": _rounded(percentile(item, 0.5)),
        "key_to_item_p95_ms": _rounded(percentile(item, 0.95)),
        "show_p50_ms": _rounded(percentile(beyond, 0.5)),
        "show_p95_ms": _rounded(percentile(beyond, 0.95)),
        "typed_through": len(through),
        "typed_through_p95_ms": _rounded(percentile(through, 0.95)),
        **({"before_next_key": share(before_next, expected)} if expected else {}),
        "before_next_key_of": expected,
        "quantiles_ms": [
            _rounded(percentile(item, at / (_QUANTILES - 1))) for at in range(_QUANTILES)
        ],
        **_processor(typed),
        **_told(typed),
    }


def _before_next(
    presses: Sequence[Press], typed: Sequence[Typed], offered: Mapping[Path, set[int]]
) -> tuple[int, int]:
    """Of the requests that the steady run answers: those answered before the next key, and all."""
    soon = expected = 0
    for one in typed:
        places = offered.get(one.piece.file, set())
        for index in range(one.first, one.last):
            press = presses[index]
            if press.asked is None or index in one.astray or press.offset not in places:
                continue
            following = presses[index + 1].at if index + 1 < one.last else math.inf
            expected += 1
            soon += press.answered is not None and bool(press.text) and press.answered < following
    return soon, expected


def _processor(typed: Sequence[Typed]) -> dict[str, float]:
    """What it took; nothing where the system does not tell."""
    seconds = sum(one.cpu_seconds for one in typed)
    if math.isnan(seconds):
        return {}
    return {
        "cpu_seconds_per_1000": round(
            1000 * seconds / max(1, sum(len(one.piece) for one in typed)), 3
        ),
        "cores_while_typing": share(seconds, sum(one.seconds for one in typed)),
    }


def _told(typed: Sequence[Typed]) -> dict[str, float]:
    """What the engine's own counters say; what it does not count is left out."""
    found: dict[str, float] = {}
    answers, shown = _sum(typed, "answers"), _sum(typed, "shown")
    if answers:
        found["without_a_pass"] = share(_hits(typed), answers)
    if shown and (earlier := _sum(typed, "earlier")) is not None:
        found["answered_from_earlier"] = share(earlier, shown)
    for name, hole in (("kv_reuse", False), ("kv_reuse_hole", True)):
        some = [one for one in typed if one.piece.hole is hole]
        if prompt := _sum(some, "promptTokens", "prompt_tokens"):
            found[name] = share(_sum(some, "reusedTokens", "reused_tokens") or 0, prompt)
            found[f"{name}_tokens"] = prompt
    if generated := _sum(typed, "generatedTokens", "generated_tokens"):
        found["generated_tokens"] = generated
        if (wasted := _sum(typed, "wastedTokens")) is not None:
            found["cancelled_work"] = share(wasted, generated)
    return found


def _hits(typed: Sequence[Typed]) -> float:
    """The status tells a share of all answers so far."""

    def hits(told: Mapping[str, Any]) -> float:
        return float(told.get("hitRate", 0)) * float(told.get("answers", 0))

    return sum(hits(one.after) - hits(one.before) for one in typed)


def _sum(typed: Sequence[Typed], *names: str) -> float | None:
    """By how much a counter grew, whichever of `names` it has; None where nobody counts that."""
    told = [grown for one in typed for name in names if (grown := one.told(name)) is not None]
    return sum(told) if told else None


def _milliseconds(since: float, press: Press) -> float:
    assert press.answered is not None
    return 1000 * (press.answered - since)


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 2)
