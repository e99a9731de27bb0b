"""What came of a build: the manifest of every file seen, and a report that counts them. Neither tells the time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from polylsp.corpus import order, picture, store
from polylsp.corpus.files.source import KEPT
from polylsp.corpus.recipe import Recipe
from polylsp.corpus.writing import pieces

MANIFEST, REPORT = "manifest.jsonl.gz", "report.json"


def finish(recipe: Recipe, out: Path, work: Path) -> None:
    """Write manifest and report of what lies in `work` and, as text, in `out`."""
    rows = list(_rows(recipe, work))
    store.write_lines(work / MANIFEST, rows)
    (work / MANIFEST).replace(out / MANIFEST)
    made = _report(recipe, rows, work) | _hashes(out)
    picture.draw(made, out / "report.svg")
    store.replace(out / "report.md", markdown(made).encode("utf-8"))
    store.replace(out / REPORT, (json.dumps(made, indent=1) + "\n").encode("utf-8"))


def _rows(recipe: Recipe, work: Path) -> Iterator[dict[str, Any]]:
    for rank in range(len(recipe.sources)):
        twins = store.twins(work, rank)
        for row in store.seen(work, rank):
            decision = row["decision"]
            yield {
                **row,
                "decision": twins.get(row["path"], decision) if decision == KEPT else decision,
            }


def _report(recipe: Recipe, rows: list[dict[str, Any]], work: Path) -> dict[str, Any]:
    ranks = range(len(recipe.sources))
    others = [store.others(work, rank) for rank in ranks]
    beside = {"files": sum(one.files for one in others), "bytes": sum(one.bytes for one in others)}
    kept = [row for row in rows if row["decision"] == KEPT]
    missing = {recipe.sources[rank]: why for rank, why in store.missing(work).items()}
    return {
        "sources": {
            "asked": len(recipe.sources),
            "missing": {f"{one.package} {one.version}": why for one, why in missing.items()},
        },
        "steps": _steps(rows, beside),
        "kept": _sum(kept),
        "changes": dict(
            sorted(Counter(one for row in kept for one in row.get("changes", ())).items())
        ),
        "languages": _languages(recipe, kept),
        "licences": _by(kept, "licence"),
        "packages": _packages(recipe, kept),
    }


def _steps(rows: list[dict[str, Any]], beside: Mapping[str, int]) -> list[dict[str, Any]]:
    """What went into each step, what came out, and so what it dropped."""
    files = Counter(row["decision"] for row in rows)
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row["decision"]] += row["bytes"]
    files["language"] += beside["files"]
    sizes["language"] += beside["bytes"]
    left = {"files": sum(files.values()), "bytes": sum(sizes.values())}
    steps = []
    for step in order.STEPS:
        out = {"files": left["files"] - files[step], "bytes": left["bytes"] - sizes[step]}
        dropped = {"files": files[step], "bytes": sizes[step]}
        steps.append({"step": step, "in": left, "dropped": dropped, "out": out})
        left = out
    return steps


def _sum(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {"files": len(rows), "bytes": sum(row["bytes"] for row in rows)}


def _by(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, int]]:
    """Sums by what stands under `key`, largest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    sums = {name: _sum(some) for name, some in found.items()}
    return dict(sorted(sums.items(), key=lambda one: (-one[1]["bytes"], one[0])))


def _languages(recipe: Recipe, kept: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    all_ = _by(kept, "language")
    aside = _by([row for row in kept if recipe.sets_aside(row["package"])], "language")
    none = {"files": 0, "bytes": 0}
    learnt = {one: sums["bytes"] - aside.get(one, none)["bytes"] for one, sums in all_.items()}
    shares = recipe.shares(learnt)
    return {
        one: {**sums, "validation": aside.get(one, none), "share": round(shares[one], 4)}
        for one, sums in all_.items()
    }


def _packages(recipe: Recipe, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that gave something, each with all its licences, as a model's card lists them."""
    versions = {one.package: one.version for one in recipe.sources}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in kept:
        found.setdefault(row["package"], []).append(row)
    return [
        {
            "package": package,
            "version": versions[package],
            **_sum(rows),
            "languages": list(_by(rows, "language")),
            "licences": list(_by(rows, "licence")),
            "split": "validation" if recipe.sets_aside(package) else "train",
        }
        for package, rows in sorted(found.items())
    ]


def _hashes(out: Path) -> dict[str, Any]:
    """Of each piece, and one of all that tells two builds apart."""
    files = [*pieces(out), out / MANIFEST]
    hashes = {one.relative_to(out).as_posix(): hash_of_file(one) for one in files}
    whole = hashlib.sha256("".join(f"{one} {sha}\n" for one, sha in hashes.items()).encode())
    return {"files": hashes, "sha256": whole.hexdigest()}


def hash_of_file(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def markdown(report: Mapping[str, Any]) -> str:
    """The report as a page."""
    sources, kept = report["sources"], report["kept"]
    had = sources["asked"] - len(sources["missing"])
    whole = f"{kept['files']:,} files, {_megabytes(kept['bytes'])} MB, of {had} sources out of {sources['asked']}."
    lines = [
        "# Corpus",
        "",
        f"{whole} SHA-256 of all of it: `{report['sha256']}`.",
        "",
        "![by step and language](report.svg)",
        *_table(
            ["step", "files in", "MB in", "files dropped", "MB dropped"],
            [
                [
                    one["step"],
                    f"{one['in']['files']:,}",
                    _megabytes(one["in"]["bytes"]),
                    f"{one['dropped']['files']:,}",
                    _megabytes(one["dropped"]["bytes"]),
                ]
                for one in report["steps"]
            ],
        ),
        *_table(
            ["language", "files", "MB", "MB for validation", "share of what is drawn"],
            [
                [
                    name,
                    f"{one['files']:,}",
                    _megabytes(one["bytes"]),
                    _megabytes(one["validation"]["bytes"]),
                    f"{one['share']:.1%}",
                ]
                for name, one in report["languages"].items()
            ],
        ),
        *_table(
            ["licence", "files", "MB"],
            [
                [name, f"{one['files']:,}", _megabytes(one["bytes"])]
                for name, one in report["licences"].items()
            ],
        ),
        *_table(
            ["mended or replaced", "times"], [[a, f"{b:,}"] for a, b in report["changes"].items()]
        ),
        *_table(["could not be had", "why"], [[a, b] for a, b in sources["missing"].items()]),
    ]
    return "\n".join(lines) + "\n"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["", *("| " + " | ".join(line) + " |" for line in lines)] if rows else []
