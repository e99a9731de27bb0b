"""One page of an evaluation: bits per byte of each language, by the model, with the document, with everything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polylsp.bench.replay.picture import check
from polylsp.errors import PolyError

__all__ = ["check", "draw"]

_WAYS = {"model": "model alone", "document": "with the document", "everything": "with everything"}
_THICK = 0.27  # Of a bar, where languages are 1 apart.


def draw(report: Mapping[str, Any], file: Path) -> None:
    """Draw `report`. Raises PolyError where that cannot be."""
    check(file)
    from matplotlib.figure import Figure  # No window, no global state.

    models = report["models"]
    figure = Figure(figsize=(8.3, 4.7 * len(models)), layout="constrained")
    for axes, (name, row) in zip(
        figure.subplots(len(models), 1, squeeze=False)[:, 0], models.items(), strict=True
    ):
        _bars(axes, row["languages"])
        gain = row["mean"]["gain"]
        axes.set_title(f"{name}: {row['files']} files, bits ÷ {gain:.2f} in the mean")
    try:
        figure.savefig(file)
    except OSError as error:
        raise PolyError(f"{file} cannot be written: {error}") from error


def _bars(axes: Any, languages: Mapping[str, Mapping[str, Any]]) -> None:
    for index, (way, label) in enumerate(_WAYS.items()):
        places = [at + (index - 1) * _THICK for at in range(len(languages))]
        bits = [row["bits_per_byte"][way] for row in languages.values()]
        bars = axes.barh(places, bits, height=_THICK, label=label)
        axes.bar_label(bars, fmt="%.2f", padding=2, fontsize=7)
    axes.set_yticks(range(len(languages)), list(languages))
    axes.invert_yaxis()
    axes.set_xlabel("bits per byte")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower right")
