"""`polylsp bench keystroke`."""

from __future__ import annotations

import argparse
import sysconfig
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.errors import PolyError

HELP = "type a file key by key, asking at each"
DESCRIPTION = (
    "Type a real file into a real server, one character at a time, asking at each key; "
    "and the same requests of a server without caches."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        help="what to type (default: queue.py of Python's own library)",
    )
    parser.add_argument("--model", default="embedded", help="a model's name or folder")
    parser.add_argument(
        "--sampled", type=int, default=400, metavar="N", help="requests to repeat without caches"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench import keystroke
    from polylsp.syntax.languages import identify

    file = options.file or Path(sysconfig.get_path("stdlib")) / "queue.py"
    try:
        text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PolyError(f"{file} cannot be read: {error}") from error
    language = identify("", file.name, text)
    if not language:
        raise PolyError(f"{file} is in none of the twelve languages")

    settings = {"model": options.model}
    report = keystroke.measure(text, language, settings, sampled=options.sampled, say=common.say)
    common.end()
    return {**report, "file": file.name}


def show(report: dict[str, Any]) -> None:
    print(f"{report['file']}: {report['lines']} lines, {report['characters']} characters")
    for name in ("with_caches", "same_requests_with_caches", "same_requests_without"):
        row = report[name]
        print(
            f"{name:26} {row['requests']:6} requests  p50 {row['p50_ms']:8.2f} ms  "
            f"p95 {row['p95_ms']:8.2f} ms  model p50 {row['model_p50_ms']:8.2f} ms  "
            f"hits {row['hits']:5} (p95 {row['hits_p95_ms']:.2f} ms)  "
            f"reused {row['reused_share']:.1%}"
        )
