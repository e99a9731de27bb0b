"""`polylsp bench quality`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common

HELP = "what weights of fewer bits cost: agreement, bits per byte, size"
DESCRIPTION = (
    "Compare conversions of a checkpoint with its 32-bit one over real code; those of a .gguf file "
    "also with llama.cpp on that file."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "models", nargs="+", type=Path, metavar="MODEL", help="checkpoints: folders, .gguf files"
    )
    parser.add_argument(
        "--source",
        nargs="+",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="source files to compare over, or folders of them",
    )
    parser.add_argument(
        "--weights", nargs="+", default=["int8", "int4"], help="(default: int8 int4)"
    )
    parser.add_argument(
        "--positions", type=int, default=20_000, metavar="N", help="tokens (default: 20000)"
    )
    common.add_work(parser)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench import quality

    texts = quality.read(common.files(options.source, options.positions))
    with tempfile.TemporaryDirectory() as temporary:
        found = quality.measure(
            options.models,
            texts,
            weights=options.weights,
            positions=max(1, options.positions),
            context=options.context,
            work=common.work(options.work, temporary),
            name=options.name,
            say=common.say_line,
        )
    return common.published(found, options.write)


def show(report: dict[str, Any]) -> None:
    from polylsp.bench.report import quality

    print(quality(report))
