"""The whole of `polylsp eval polyline`: models, baselines or contexts, asked at the same places and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from polylsp.bench.claims import machine
from polylsp.errors import PolyError
from polylsp.evals.polyline import claims, known
from polylsp.evals.polyline.asking import Asking, Found
from polylsp.evals.polyline.summary import Scored, compared, compared_with, summary


def report(asking: Asking, names: Sequence[str]) -> dict[str, Any]:
    """All figures; `names` is what the sources are called. Raises ModelError, BackendError and PolyError."""
    plan = asking.plan
    models = {name: asking.model(name) for name in plan.models}
    baselines = asking.baselines() if plan.baselines and not plan.trial else {}
    # The first model is the one that something is promised of.
    name, first = next(iter(models.items()))
    before = {} if plan.trial else _bootstrap(asking, first)
    if plan.right:
        _write(asking, first, plan.right)
    promised = list(
        claims.trial(models) if plan.trial else claims.model(name, first, baselines, before)
    )
    pairs = {
        f"{name}: {way} over the bootstrap": compared_with(first[way], right)
        for way, right in before.items()
    }
    return {
        "benchmark": "eval polyline",
        "machine": machine(),
        "sources": list(names),
        "points": len(asking.points),
        "seed": plan.seed,
        "trial": plan.trial,
        "models": {name: _rows(found) for name, found in models.items()},
        "baselines": _rows(baselines),
        "compared": {**pairs, **dict(_compared(models, baselines, plan.trial))},
        "claims": [claim.row() for claim in promised],
        "summary": [str(claim) for claim in promised],
    }


def _bootstrap(asking: Asking, found: Found) -> dict[str, list[float]]:
    """What the bootstrap was right about at these places, in each way that it was asked in at all of them."""
    keys, file = [point.key for point in asking.points], asking.plan.against
    try:
        before = known.read(file)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise PolyError(f"{file} cannot be read ({error}): `--right` writes such files") from error
    return {
        way: [right[key] for key in keys]
        for way, right in before.items()
        if way in found and right.keys() >= set(keys)
    }


def _write(asking: Asking, found: Found, file: Path) -> None:
    try:
        known.write(asking.points, found, file)
    except OSError as error:
        raise PolyError(f"{file} cannot be written: {error}") from error


def _compared(
    models: Mapping[str, Found], baselines: Found, trial: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs: a model's ways with its first (the built prompt, where contexts are), and all with each baseline."""
    for name, found in models.items():
        base = "built" if trial else next(iter(found))
        for way, ours in found.items():
            if way != base and trial:
                yield f"{name}: {base} over {way}", compared(found[base], ours)
            elif way != base:
                yield f"{name}: {way} over {base}", compared(ours, found[base])
            for other, theirs in baselines.items():
                yield f"{name}: {way} over {other}", compared(ours, theirs)


def _rows(found: Mapping[str, Sequence[Scored]]) -> dict[str, Any]:
    return {name: summary(one) for name, one in found.items()}
