"""One page: bits per byte of each language, a bar a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError
from polylsp.evals.perplexity.table import named
from polylsp.evals.picture import check

_ROOM = 0.8  # Of the bars of one language, where languages are 1 apart.


def draw(report: Mapping[str, Any], file: Path) -> None:
    """Draw `report`. Raises PolyError where that cannot be."""
    check(file)
    from matplotlib.figure import Figure

    rows = named(report)
    figure = Figure(figsize=(8.3, 6.0), layout="constrained")
    axes = figure.subplots()
    thick = _ROOM / len(rows)
    for index, (name, row) in enumerate(rows.items()):
        bits = [one["bits_per_byte"] for one in row["languages"].values()]
        places = [at + index * thick for at in range(len(bits))]
        label = f"{name}: {row['bits_per_byte']:.3f} in the mean"
        axes.bar_label(axes.barh(places, bits, height=thick, label=label), fmt="%.2f", fontsize=7)
    languages = list(next(iter(rows.values()))["languages"])
    axes.set_yticks([at + _ROOM / 2 - thick / 2 for at in range(len(languages))], languages)
    axes.invert_yaxis()
    axes.set_xlabel("bits per byte")
    axes.legend(loc="lower right")
    try:
        figure.savefig(file)
    except OSError as error:
        raise PolyError(f"{file} cannot be written: {error}") from error
