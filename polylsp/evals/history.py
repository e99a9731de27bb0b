"""Reports that were kept as dated lines → what there is, and each of the last ones as tables and pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from polylsp.bench import report as markdown
from polylsp.errors import PolyError
from polylsp.evals.infilling.table import table as _filled
from polylsp.evals.perplexity.picture import draw as _draw_bits
from polylsp.evals.perplexity.table import table as _bits
from polylsp.evals.polyline.picture import draw as _draw_lines
from polylsp.evals.polyline.table import table as _lines

Report = Mapping[str, Any]

_TABLES: Mapping[str, Callable[[Report], str]] = {
    "eval perplexity": _bits,
    "eval polyline": _lines,
    "eval infilling": _filled,
}
_PICTURES = {"eval perplexity": _draw_bits, "eval polyline": _draw_lines}


def read(file: Path) -> list[Report]:
    """Every report in `file`, the oldest first. Raises PolyError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines if line.strip()]
        return sorted(found, key=lambda one: str(one["date"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PolyError(
            f"{file} holds no reports ({error}): `polylsp eval … --append {file}` adds them"
        ) from error


def table(found: Sequence[Report]) -> str:
    """A line each; then the last of each kind in full."""
    rows = [[one["date"][:16], one["commit"] or "-", _name(one), _main(one)] for one in found]
    parts = [markdown.table(["date", "commit", "what", "figures"], rows)]
    for one in latest(found):
        about = f"{one['date'][:10]}; {markdown.provenance(one)}"
        parts.append("\n\n".join([f"**{_name(one)}**", _TABLES[one["benchmark"]](one), about]))
    return "\n\n".join(parts)


def latest(found: Sequence[Report]) -> list[Report]:
    """The last one of each kind."""
    return list({_name(one): one for one in found if one["benchmark"] in _TABLES}.values())


def draw(found: Sequence[Report], folder: Path) -> list[Path]:
    """Pictures of the last ones in `folder`. Raises PolyError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for one in latest(found):
        if one["benchmark"] in _PICTURES:
            files.append(folder / f"{_name(one).replace(' ', '-')}.svg")
            _PICTURES[one["benchmark"]](one, files[-1])
    return files


def _name(report: Report) -> str:
    return str(report["benchmark"]) + (" trial" if report.get("trial") else "")


def _main(report: Report) -> str:
    return ", ".join(_figures(report))


def _figures(report: Report) -> Iterator[str]:
    for name, row in report["models"].items():
        if "bits_per_byte" in row:
            yield f"{name} {row['bits_per_byte']:.3f}"
        for way, one in row.items():
            if isinstance(one, Mapping) and "exact" in one:
                yield f"{name} {way} {one['exact']:.3f}"
