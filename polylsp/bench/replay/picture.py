"""One page of a replay: how soon each contestant's suggestions came, and what they saved in each language."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError

_SHOWN = 98  # Of the latencies, the percentile that the axis ends at.
_SUFFIXES = (".png", ".svg", ".pdf")


def check(file: Path) -> None:
    """Raise PolyError where `file` could not be drawn."""
    if file.suffix.lower() not in _SUFFIXES:
        raise PolyError(f"{file}: a picture ends in one of {', '.join(_SUFFIXES)}")
    if importlib.util.find_spec("matplotlib") is None:
        raise PolyError("drawing needs matplotlib: pip install 'polylsp[bench]'")


def draw(report: Mapping[str, Any], file: Path) -> None:
    """Draw `report`. Raises PolyError where that cannot be."""
    check(file)
    from matplotlib.figure import Figure  # No window, no global state.

    figure = Figure(figsize=(8.3, 9.2), layout="constrained")
    above, below = figure.subplots(2, 1)
    _latencies(above, report.get("timed", {}))
    _saved(below, _languages(report))
    figure.suptitle(f"{report['model']}: {report['files']} files typed")
    try:
        figure.savefig(file)
    except OSError as error:
        raise PolyError(f"{file} cannot be written: {error}") from error


def _latencies(axes: Any, timed: Mapping[str, Mapping[str, Any]]) -> None:
    """The share of suggestions that had come by then."""
    for name, row in timed.items():
        quantiles = row["quantiles_ms"]
        if row["items"]:
            shares = [index / (len(quantiles) - 1) for index in range(len(quantiles))]
            label = f"{name}: p50 {row['key_to_item_p50_ms']:.0f}, p95 {row['key_to_item_p95_ms']:.0f} ms"
            axes.plot(quantiles, shares, label=label)
    axes.set_xlabel("milliseconds from the key to the suggestion, the client's own delay included")
    axes.set_ylabel("share of suggestions")
    furthest = max((row["quantiles_ms"][_SHOWN] for row in timed.values()), default=0)
    axes.set_xscale("log")  # From a key on the screen already to a prompt read from nothing.
    axes.set_xlim(1, max(10, 1.1 * furthest))
    axes.set_ylim(0, 1)
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend(loc="lower right")


def _languages(report: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
    """Of the steady run; where there was none, of the first contestant."""
    first: Mapping[str, Any] = next(iter(report.get("timed", {}).values()), {})
    found: Mapping[str, Mapping[str, float]] = report.get("languages") or first["languages"]
    return found


def _saved(axes: Any, languages: Mapping[str, Mapping[str, float]]) -> None:
    names = list(languages)
    saved = [100 * languages[name]["net_saved"] for name in names]
    bars = axes.barh(names, saved)
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.invert_yaxis()
    axes.set_xlabel("keystrokes saved, per 100 characters")
    axes.grid(axis="x", alpha=0.3)
