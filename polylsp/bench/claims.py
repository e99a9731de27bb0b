"""What a benchmark promises, and whether a run kept it."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from polylsp import __version__

_BINS = 10  # Of the calibration error.


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure and its target."""

    id: str
    value: float
    target: float
    n: int  # Measurements behind it.
    more_is_better: bool = True
    model: str = ""  # Where the same is claimed of several.

    @property
    def holds(self) -> bool:
        return self.value >= self.target if self.more_is_better else self.value <= self.target

    def row(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "value": round(self.value, 4),
            "target": self.target,
            "holds": self.holds,
            "n": self.n,
            **({"model": self.model} if self.model else {}),
        }

    def __str__(self) -> str:
        sign = "≥" if self.more_is_better else "≤"
        verdict = "holds" if self.holds else "FALLS SHORT"
        name = f"{self.id} ({self.model})" if self.model else self.id
        return f"{name} = {self.value:.4g} (target {sign} {self.target:g}, n {self.n}): {verdict}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of `values` do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def calibration_error(told: Sequence[tuple[float, bool]]) -> float:
    """How far, on average, probabilities that were told are from the share that was right; 0 where none was.

    The expected calibration error (Naeini et al. 2015): ten bins of equal width, weighted by what falls into them.
    """
    bins: dict[int, list[float]] = {}
    for said, right in told:
        bins.setdefault(min(_BINS - 1, int(said * _BINS)), []).append(said - right)
    return sum(abs(sum(one)) for one in bins.values()) / max(1, len(told))


def machine() -> dict[str, Any]:
    """What a figure needs beside it to mean anything."""
    return {
        "polylsp": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "packages": dict(_versions()),
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in ("onnxruntime", "numpy", "torch", "transformers", "llama-cpp-python"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            yield name, importlib.metadata.version(name)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as opened:  # noqa: PTH123
            names = (line.partition(":")[2].strip() for line in opened if "model name" in line)
            return next(names, platform.processor())
    except OSError:
        return platform.processor()
