"""A report as a table, what others have published at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from polylsp.bench import report as markdown


def table(report: Mapping[str, Any]) -> str:
    """A row a model and way."""
    open_ = [name for name, covered in report["sandbox"].items() if not covered]
    limits = f"; not limited here: {', '.join(open_)}" if open_ else ""
    rows = [*_rows(report["models"]), *_published(report["anchors"])]
    heads = ["", "pass@1", "95 %", "exact", "95 %"]
    return f"{report['tasks']} tasks{limits}\n\n{markdown.table(heads, rows)}"


def _rows(models: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, ways in models.items():
        for way in ("prefix", "suffix"):
            row = ways[way]
            chosen = " (chosen by it)" if way == "suffix" and not ways["fills"] else ""
            parts = [
                text
                for figure in ("pass", "exact")
                for text in (f"{row[figure]:.3f}", _interval(row[f"{figure}_interval"]))
            ]
            yield [f"{name}, {way}{chosen}", *parts]


def _published(anchors: Mapping[str, Mapping[str, float]]) -> Iterator[list[str]]:
    for name, row in anchors.items():
        exact = f"{row['exact']:.3f}" if "exact" in row else "-"
        yield [f"{name} (published)", f"{row['pass']:.3f}", "", exact, ""]


def _interval(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"
