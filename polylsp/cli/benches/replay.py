"""`polylsp bench replay`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common

HELP = "type files, accept what is right, count what that was worth"
DESCRIPTION = (
    "Type real files into a real server, take every suggestion that is what the file says, "
    "and count how much was completed and how often a wrong one was shown."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, help="source files, or folders of them")
    parser.add_argument("--model", default="embedded", help="a model's name or folder")
    parser.add_argument(
        "--confidence", default="balanced", choices=("quiet", "balanced", "eager"), help="how sure"
    )
    parser.add_argument(
        "--files", type=int, default=4, metavar="N", help="of each language (default: 4)"
    )
    parser.add_argument(
        "--characters", type=int, default=900, metavar="N", help="of each file (default: 900)"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench.replay import steady

    files = common.files(options.paths, options.files)
    settings = {"model": options.model, "suggest": {"confidence": options.confidence}}
    report = steady.measure(files, settings, characters=options.characters, say=common.say)
    common.end()
    return report


def show(report: dict[str, Any]) -> None:
    print(f"{report['model']}, {report['files']} files")
    for language, row in {**report["languages"], "mean": report["mean"]}.items():
        print(
            f"{language:12} completed {row['completed']:6.1%}  net saved {row['net_saved']:6.1%}  "
            f"wrong {row['wrong']:6.1%} of shown  shown {row['shown_per_100']:5.2f} per 100 characters"
        )
