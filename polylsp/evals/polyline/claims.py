"""What is promised of a model's lines, and of the context that it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from polylsp.bench.claims import Claim
from polylsp.evals.polyline.summary import (
    Scored,
    compared,
    compared_with,
    exact_of,
    precision,
)

Found = Mapping[str, Sequence[Scored]]  # By way or baseline.

_OVER_BOOTSTRAP = 1.12
_SUREST = 20  # Per cent,
_PRECISION = 2.0  # where it is so many times as often right as on average.
_CONTEXT = 1.15


def model(
    name: str, found: Found, baselines: Found, bootstrap: Mapping[str, Sequence[float]]
) -> Iterator[Claim]:
    """What is promised of one model; `bootstrap` is what the first model was right about, by way."""
    full = found.get("memory") or next(iter(found.values()))
    n = len(full)
    for way, right in bootstrap.items():
        ratio = compared_with(found[way], right)["ratio"]
        claim = "exact_over_bootstrap" + ("" if way == "prefix" else f"_{way}")
        yield Claim(claim, ratio, _OVER_BOOTSTRAP, n, model=name)
    # What users have is held against what knows as much as they: the file and the rest of its package.
    for other, theirs in baselines.items():
        low = compared(full, theirs)["interval"][0]
        yield Claim(f"exact_above_{other.replace('-', '')}_low", low, 0.0, n, model=name)
    if "suffix" in found and "prefix" in found:
        low = compared(found["suffix"], found["prefix"])["interval"][0]
        yield Claim("exact_with_suffix_low", low, 0.0, n, model=name)
    average = max(1e-9, mean(exact_of(full)))
    yield Claim(
        f"precision_gain_{_SUREST}", precision(full, _SUREST) / average, _PRECISION, n, model=name
    )


def trial(models: Mapping[str, Found]) -> Iterator[Claim]:
    """What is promised of the context: that it is worth more than the last characters, with every model."""
    for name, found in models.items():
        ratio = compared(found["built"], found["naive"])["ratio"]
        yield Claim("context_gain", ratio, _CONTEXT, len(found["built"]), model=name)
