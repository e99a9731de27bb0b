"""One page: how often the surest answers are right, by the share of places that get one; and languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError
from polylsp.evals.picture import check
from polylsp.evals.polyline.table import named

_SHARES = range(5, 101, 5)


def draw(report: Mapping[str, Any], file: Path) -> None:
    """Draw `report`. Raises PolyError where that cannot be."""
    check(file)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.3, 9.0), layout="constrained")
    above, below = figure.subplots(2, 1)
    for name, row in named(report):
        above.plot(_SHARES, row["curve"], label=name)
        languages = row["languages"]
        exact = [one["exact"] for one in languages.values()]
        below.plot(list(languages), exact, marker="o", linestyle="none", label=name)
    above.set_xlabel("per cent of the places, the surest first")
    above.set_ylabel("right")
    below.set_ylabel("exact match")
    below.tick_params(axis="x", rotation=45)
    for axes in (above, below):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    try:
        figure.savefig(file)
    except OSError as error:
        raise PolyError(f"{file} cannot be written: {error}") from error
