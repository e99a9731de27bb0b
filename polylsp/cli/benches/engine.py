"""`polylsp bench engine`."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.errors import PolyError

HELP = "our engines, llama.cpp and transformers on the same weights"
DESCRIPTION = (
    "Make what each engine runs of one checkpoint, run all of them in turn, and compare: prompts, "
    "tokens, keystrokes, memory; with the read bandwidth of this machine."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", nargs="?", type=Path, help="a checkpoint's folder, or a .gguf file"
    )
    parser.add_argument(
        "--size", help="instead: PolyCoder's architecture with random weights (160M, 0.4B, 2.7B)"
    )
    parser.add_argument(
        "--engines", nargs="+", metavar="NAME", help="as in onnx:int8-b32 or llama:q8_0"
    )
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="(default: 7)")
    parser.add_argument("--threads", type=int, default=0, help="of each engine (default: ours)")
    parser.add_argument("--context", type=int, default=2048, help="the most tokens (default: 2048)")
    parser.add_argument(
        "--work", type=Path, metavar="FOLDER", help="keep what is made, and reuse it"
    )
    parser.add_argument("--name", help="what to call the model (default: its size or file)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it run at all?")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the figures into this Markdown document"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench import builds, engine, report

    with ExitStack() as stack:
        work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
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
    found["command"] = shlex.join(["polylsp", *sys.argv[1:]])
    found["commit"] = report.commit()
    if options.write:
        try:
            report.write(options.write, f"engine {found['model']}", report.engine(found))
        except OSError as error:
            raise PolyError(f"{options.write} cannot be written: {error}") from error
    return found


def show(report: dict[str, Any]) -> None:
    from polylsp.bench.report import engine

    print(engine(report))
