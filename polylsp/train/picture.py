"""How runs went, on one page: the loss, and the bits per byte of each language, by the tokens seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from polylsp.bench.replay.picture import check
from polylsp.errors import PolyError
from polylsp.train import log
from polylsp.train.validate import MEAN

_MILLION = 1e6


def draw(runs: Sequence[Path], file: Path) -> None:
    """Draw their logs. Raises PolyError where there is nothing to draw, or that cannot be."""
    check(file)
    from matplotlib.figure import Figure  # No window, no global state.

    figure = Figure(figsize=(8.3, 9.2), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    for run in runs:
        rows = list(log.read(run))
        if not rows:
            raise PolyError(f"{run} has no log yet: train first")
        _loss(above, rows, run.name)
        _bits(below, rows, run.name if len(runs) > 1 else "")
    above.set_ylabel("loss (nats a token)")
    below.set_ylabel("bits per byte")
    below.set_xlabel("tokens seen (millions)")
    for axes in (above, below):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7, ncols=3)
    try:
        figure.savefig(file)
    except OSError as error:
        raise PolyError(f"{file} cannot be written: {error}") from error


def _loss(axes: Any, rows: Sequence[dict[str, Any]], name: str) -> None:
    steps = [row for row in rows if row["kind"] == "step"]
    tokens = [row["tokens"] / _MILLION for row in steps]
    axes.plot(tokens, [row["loss"] for row in steps], linewidth=0.8, label=name)


def _bits(axes: Any, rows: Sequence[dict[str, Any]], name: str) -> None:
    found = [row for row in rows if row["kind"] == "validation"]
    languages = found[-1]["bits_per_byte"] if found else {}
    for language in [MEAN] if name else languages:
        told = [row for row in found if language in row["bits_per_byte"]]
        axes.plot(
            [row["tokens"] / _MILLION for row in told],
            [row["bits_per_byte"][language] for row in told],
            linewidth=2 if language == MEAN else 0.8,
            label=f"{name} {language}".strip(),
        )
