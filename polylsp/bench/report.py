"""Figures as Markdown, and where they stand in a document.

Each measurement has a place of its own there, between two comments, and is replaced by the next run of it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def write(document: Path, key: str, markdown: str) -> None:
    """Put `markdown` where `key` stands in `document`; at its end, under a heading, where it does not yet."""
    start, end = f"<!-- bench {key} -->\n", f"<!-- end of bench {key} -->\n"
    place = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    block = start + markdown.strip() + "\n" + end
    if place.search(text):
        text = place.sub(lambda _: block, text)
    else:
        text = f"{text.rstrip()}\n\n## bench {key}\n\n{block}".lstrip()
    document.write_text(text, encoding="utf-8")


def key(report: Mapping[str, Any]) -> str:
    """What was measured, and of what."""
    of = report.get("model") or ", ".join(report["models"])
    return f"{report['benchmark']}: {of}"


def markdown(report: Mapping[str, Any]) -> str:
    """A report of any of the kinds below."""
    return {"engine": engine, "memory": memory, "quality": quality}[report["benchmark"]](report)


def engine(report: Mapping[str, Any]) -> str:
    """Claims and ratios first, absolute figures second, and what they were measured with."""
    cases = list(report["medians_ms"][report["ours"]])
    ratios = [
        [name, *(f"{row[case]:.2f}" for case in cases)] for name, row in report["ratios"].items()
    ]
    figures = [
        [
            name,
            *(f"{row[case]:.2f}" for case in cases),
            *_memory(report["memory"][name]),
        ]
        for name, row in report["medians_ms"].items()
    ]
    rates = ", ".join(f"{name} {rate:.1f}" for name, rate in report["bandwidth_gb_per_s"].items())
    return "\n".join(
        [
            claims(report["claims"]),
            "",
            f"Times as long as {report['ours']}:",
            "",
            table(["engine", *cases], ratios),
            "",
            f"Milliseconds (median of {report['rounds']}) and megabytes:",
            "",
            table(["engine", *cases, "loaded", "peak"], figures),
            "",
            f"Memory is read at, GB/s: {rates}.",
            "",
            provenance(report),
        ]
    )


def memory(report: Mapping[str, Any]) -> str:
    """What each kind of weights took."""
    rows = [
        [
            name,
            *(_megabytes(row.get(field)) for field in ("loaded_mb", "resident_mb", "peak_mb")),
            *(_megabytes(row["total"].get(f"{kind}_mb")) for kind in ("resident", "proportional")),
            f"{row['load_ms'] / 1000:.1f} s",
            f"{row['complete_ms'] / 1000:.1f} s",
        ]
        for name, row in report["memory"].items()
    ]
    processes = report["processes"]
    all_of_them = f"{processes} processes" if processes > 1 else "the process"
    heads = ["weights", "loaded", "after a completion", "peak"]
    heads += [f"{all_of_them}: resident", "proportional", "load", "complete"]
    return "\n".join(
        [
            *([claims(report["claims"]), ""] if report["claims"] else []),
            f"{report['model']}, megabytes; a completion is 64 tokens after 512:",
            "",
            table(heads, rows),
            "",
            provenance(report),
        ]
    )


def quality(report: Mapping[str, Any]) -> str:
    """Each conversion against the 32-bit one."""
    rows = [
        [
            model,
            stored,
            f"{row['top1']:.4f}",
            f"{row['bits_per_byte']:.4f}",
            f"{row['bits_per_byte_reference']:.4f}",
            f"{row['megabytes']:.1f}" if row["megabytes"] else "-",
            str(row["positions"]),
        ]
        for model, found in report["models"].items()
        for stored, row in found.items()
    ]
    heads = ["model", "weights", "likeliest token is fp32's", "bits per byte", "of fp32"]
    heads += ["MB", "positions"]
    return "\n".join([claims(report["claims"]), "", table(heads, rows), "", provenance(report)])


def claims(rows: Iterable[Mapping[str, Any]]) -> str:
    return table(
        ["claim", "model", "value", "target", "n"],
        [
            [
                f"`{row['id']}`",
                row.get("model", ""),
                f"{row['value']:.4g}" if row["holds"] else f"{row['value']:.4g} (falls short)",
                f"{row['target']:g}" if row["target"] else "-",
                str(row["n"]),
            ]
            for row in rows
        ],
    )


def provenance(report: Mapping[str, Any]) -> str:
    """Machine, versions, commit and command, in a sentence each."""
    about = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    threads = f"{about['threads']} threads, " if "threads" in about else ""
    return (
        f"{about['processor']}, {about['processors']} processors, {threads}"
        f"{about['system']}, Python {about['python']}, {versions}; "
        f"commit {report['commit'] or 'unknown'}; `{report['command']}`."
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def commit() -> str:
    """Of the checkout that this file is in, "+" where it is not what was committed; "" without one."""
    git = shutil.which("git")
    if not git:
        return ""
    here = Path(__file__).parent

    def ask(*arguments: str) -> str:
        done = subprocess.run(  # noqa: S603
            [git, *arguments], cwd=here, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    tracked = ask("ls-files", Path(__file__).name)
    if not tracked:
        return ""
    return ask("rev-parse", "--short=10", "HEAD") + ("+" if ask("status", "-uno", "-s") else "")


def _memory(row: Mapping[str, Any]) -> list[str]:
    return [_megabytes(row["loaded"].get("resident_mb")), _megabytes(row.get("peak_mb"))]


def _megabytes(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
