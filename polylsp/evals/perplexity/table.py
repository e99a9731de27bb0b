"""A report as tables, for people and documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from polylsp.bench import report as markdown


def table(report: Mapping[str, Any]) -> str:
    """Bits per byte, then perplexities where words were counted; a row a model."""
    rows = named(report)
    parts = [_by_language("bits per byte", rows, lambda row: f"{row['bits_per_byte']:.3f}")]
    if all(one["word_perplexity"] for row in rows.values() for one in row["languages"].values()):
        about = "perplexity by Pygments token"
        parts.append(_by_language(about, rows, lambda row: f"{row.get('word_perplexity', 0):.3f}"))
    return "\n\n".join(parts)


def named(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The rows of the models, and the bootstrap's where the same texts are known of it."""
    bootstrap = report["bootstrap"]
    return {**report["models"], **({"the bootstrap": bootstrap} if bootstrap else {})}


def _by_language(
    about: str, rows: Mapping[str, Mapping[str, Any]], cell: Callable[[Mapping[str, Any]], str]
) -> str:
    languages = list(next(iter(rows.values()))["languages"])
    mean = "mean" if about == "bits per byte" else ""
    cells = [
        [
            name,
            *([cell(row)] if mean else []),
            *(cell(row["languages"][one]) if one in row["languages"] else "-" for one in languages),
        ]
        for name, row in rows.items()
    ]
    return markdown.table([about, *([mean] if mean else []), *languages], cells)
