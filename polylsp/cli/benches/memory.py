"""`polylsp bench memory`."""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

from polylsp.cli.benches import common

HELP = "what a model takes of memory, in one process or several"
DESCRIPTION = "Load a model in a process of its own, complete once, and see what memory that took."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_checkpoint(parser)
    parser.add_argument(
        "--weights", nargs="+", default=["int8", "int4"], help="(default: int8 int4)"
    )
    parser.add_argument("--to", default="onnx", choices=("onnx", "torch", "gguf"), help="backend")
    parser.add_argument(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="with the same model, at the same time",
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench import builds, memory

    with tempfile.TemporaryDirectory() as temporary:
        work = common.work(options.work, temporary)
        source = common.checkpoint(options.source, options.size, work)
        engines = [f"{options.to}:{weights}" for weights in options.weights]
        found = memory.measure(
            builds.prepare(source, engines, work, options.context, common.say_line),
            model=options.name or options.size or source.stem,
            context=options.context,
            processes=max(1, options.processes),
            threads=options.threads,
            say=common.say_line,
        )
    return common.published(found, options.write)


def show(report: dict[str, Any]) -> None:
    from polylsp.bench.report import memory

    print(memory(report))
