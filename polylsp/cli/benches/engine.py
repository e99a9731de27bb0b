"""`polylsp bench engine`."""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

from polylsp.cli.benches import common

HELP = "our engines, llama.cpp and transformers on the same weights"
DESCRIPTION = (
    "Make what each engine runs of one checkpoint, run all of them in turn, and compare: prompts, "
    "tokens, keystrokes, memory; with the read bandwidth of this machine."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_checkpoint(parser)
    parser.add_argument(
        "--engines",
        nargs="+",
        metavar="NAME",
        help="as in onnx:int8-b32, torch:bf16, llama:q8_0, transformers:float32; the first of ours is "
        "what the others are compared with",
    )
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="(default: 7)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it run at all?")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench import builds, engine

    with tempfile.TemporaryDirectory() as temporary:
        work = common.work(options.work, temporary)
        source = common.checkpoint(options.source, options.size, work)
        wanted = options.engines or builds.ENGINES
        found = engine.measure(
            source,
            builds.prepare(source, wanted, work, options.context, common.say_line),
            model=options.name or options.size or source.stem,
            sizes=engine.QUICK if options.quick else engine.Sizes(),
            context=options.context,
            rounds=max(1, options.rounds),
            threads=options.threads,
            megabytes=16 if options.quick else 256,
            say=common.say,
        )
    common.end()
    return common.published(found, options.write)


def show(report: dict[str, Any]) -> None:
    from polylsp.bench.report import engine

    print(engine(report))
