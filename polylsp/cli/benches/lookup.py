"""`polylsp bench lookup`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common

HELP = "complete blocks with and without guessing ahead"
DESCRIPTION = (
    "Cut real files where a block opens, let the model complete it with and without "
    "guessing what repeats, and compare answers, passes of the model and time."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, help="source files, or folders of them")
    parser.add_argument("--model", default="embedded", help="a model's name or folder")
    parser.add_argument(
        "--files", type=int, default=6, metavar="N", help="of each language (default: 6)"
    )
    parser.add_argument(
        "--positions", type=int, default=500, metavar="N", help="blocks in all (default: 500)"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench import lookup

    files = common.files(options.paths, options.files)
    report = lookup.measure(files, options.model, positions=options.positions, say=common.say)
    common.end()
    return report


def show(report: dict[str, Any]) -> None:
    print(f"{report['model']}, {report['files']} files")
    for language, row in {**report["languages"], "all": report["all"]}.items():
        print(
            f"{language:12} {row['blocks']:4} blocks  {row['tokens']:6} tokens  "
            f"passes ÷ {row['pass_ratio']:5.2f}  time ÷ {row['time_ratio']:5.2f} "
            f"(median {row['median_time_ratio']:5.2f})  identical {row['identical']:.1%}"
        )
