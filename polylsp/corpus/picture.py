"""The report as a picture: what each step left, and what there is of each language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError


def draw(report: Mapping[str, Any], file: Path) -> None:
    """Draw `report` into an SVG file. Raises PolyError where that cannot be."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure  # No window, no global state.
    except ImportError as error:
        raise PolyError(
            "the report's picture needs matplotlib: pip install 'polylsp[corpus]'"
        ) from error

    with mpl.rc_context({"svg.hashsalt": "polylsp"}):  # The same picture for the same figures.
        figure = Figure(figsize=(8.3, 9.2), layout="constrained")
        above, below = figure.subplots(2, 1)
        _steps(above, report["steps"])
        _languages(below, report["languages"])
        kept = report["kept"]
        figure.suptitle(f"{kept['files']:,} files, {kept['bytes'] / 1e6:.0f} MB kept")
        try:
            figure.savefig(file, metadata={"Date": None})
        except OSError as error:
            raise PolyError(f"{file} cannot be written: {error}") from error


def _steps(axes: Any, steps: list[Mapping[str, Any]]) -> None:
    names = ["found", *(one["step"] for one in steps)]
    left = [steps[0]["in"]["bytes"] / 1e6, *(one["out"]["bytes"] / 1e6 for one in steps)]
    axes.barh(names, left)
    axes.bar_label(axes.containers[0], fmt="%.0f", padding=3)
    axes.invert_yaxis()
    axes.set_xlabel("MB left after each step")
    axes.grid(axis="x", alpha=0.3)


def _languages(axes: Any, languages: Mapping[str, Mapping[str, Any]]) -> None:
    names = list(languages)
    aside = [one["validation"]["bytes"] / 1e6 for one in languages.values()]
    learnt = [
        one["bytes"] / 1e6 - less for one, less in zip(languages.values(), aside, strict=True)
    ]
    axes.barh(names, learnt, label="to train on")
    axes.barh(names, aside, left=learnt, label="to validate with")
    axes.invert_yaxis()
    axes.set_xlabel("MB kept")
    axes.grid(axis="x", alpha=0.3)
    if names:
        axes.legend(loc="lower right")
