"""A report as tables, for people and documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from polylsp.bench import report as markdown

_HEADS = ["", "exact", "95 %", "similar", "prefix", "first word"]
_HEADS += ["surest 20 %", "40 %", "60 %", "calibration error", "prompt tokens"]


def table(report: Mapping[str, Any]) -> str:
    """Ways and baselines, languages, and pairs of ways."""
    return "\n\n".join(
        [
            f"{report['points']} places",
            markdown.table(_HEADS, _ways(report)),
            markdown.table(*_languages(report)),
            markdown.table(["", "difference", "95 %", "ratio", "95 %"], _pairs(report)),
        ]
    )


def named(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every way of every model, and every baseline, by what to call it."""
    for model, ways in report["models"].items():
        for way, row in ways.items():
            yield f"{model}, {way}", row
    yield from report["baselines"].items()


def _ways(report: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, row in named(report):
        scores = [f"{row[one]:.3f}" for one in ("similarity", "prefix", "first")]
        surest = [f"{one:.3f}" for one in row["precision"].values()]
        tokens = str(row["prompt_tokens"] or "-")
        error = f"{row['calibration_error']:.3f}"
        yield [name, f"{row['exact']:.3f}", _interval(row), *scores, *surest, error, tokens]


def _languages(report: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Exact matches: a column a language, or kind of place."""
    rows = list(named(report))
    groups = [(part, one) for part in ("languages", "kinds") for one in rows[0][1][part]]
    cells = [
        [name, *(f"{row[part][one]['exact']:.3f}" for part, one in groups)] for name, row in rows
    ]
    return ["exact", *(one for _, one in groups)], cells


def _pairs(report: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, row in report["compared"].items():
        low, high = row["ratio_interval"]
        ratio = f"{low:.2f} to {high:.2f}" if high < 100 else "-"
        yield [name, f"{row['difference']:+.3f}", _interval(row), f"{row['ratio']:.3f}", ratio]


def _interval(row: Mapping[str, Any]) -> str:
    low, high = row["interval"]
    return f"{low:.3f} to {high:.3f}"
