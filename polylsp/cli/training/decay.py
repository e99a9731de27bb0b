"""`polylsp train decay`."""

from __future__ import annotations

import argparse
from pathlib import Path

from polylsp.cli.training import common, go

HELP = "cut a finished model from a run"
DESCRIPTION = """\
Take a run's newest checkpoint and let the rate fall to nothing over some steps, in a folder of its own.
The run itself may go on meanwhile: a better model can be cut from it later. Called again, it goes on.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the run's folder", metavar="RUN")
    parser.add_argument("out", type=Path, help="the folder of the cut", metavar="OUT")
    parser.add_argument(
        "--steps", type=int, default=500, metavar="N", help="to decay over (default: 500)"
    )
    parser.add_argument("--tokens", type=Path, metavar="FOLDER", help="others than the run's")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="as in `polylsp train run`"
    )
    go.add_machine(parser)


def run(options: argparse.Namespace) -> int:
    common.need_torch()
    from polylsp.train import checkpoint
    from polylsp.train.cut import cut
    from polylsp.train.loop import Run

    if checkpoint.newest(options.out) is None:
        cut(options.folder, options.out, options.steps)
    found, tokens = checkpoint.configuration(options.out)
    found = common.changed(found, options.set)
    return go.train_as(options, Run(found, options.tokens or tokens, options.out))
