"""`polylsp train run`."""

from __future__ import annotations

import argparse
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from polylsp.cli.training import common
from polylsp.errors import PolyError

HELP = "train, or go on"
DESCRIPTION = """\
Train a model on tokens, or go on where the run in the folder was left: a checkpoint is written every
few minutes, and when it is asked to end (Ctrl-C, SIGTERM). On a processor, going on gives bit for bit
what going through would have. The log is RUN/log.jsonl; `polylsp train plot` draws it.
"""
EPILOG = """\
examples:
  polylsp train run run --config mini --tokens tokens --from CHECKPOINT   start from a model
  polylsp train run run                                                   go on
  torchrun --nproc-per-node 4 -m polylsp train run run --config mini-gpu --tokens tokens
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("folder", type=Path, help="the run's folder", metavar="RUN")
    common.add_configuration(parser)
    parser.add_argument("--tokens", type=Path, metavar="FOLDER", help="from `polylsp train tokens`")
    parser.add_argument(
        "--from",
        dest="start",
        type=Path,
        metavar="FOLDER",
        help="start with the weights of a Hugging Face folder, or of a model that polylsp runs",
    )
    add_machine(parser)


def add_machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--do", type=int, default=0, metavar="N", help="only so many steps now (default: all)"
    )
    parser.add_argument("--threads", type=int, default=0, help="of a processor (default: all)")
    parser.add_argument("--cpu", action="store_true", help="do not use a GPU")
    parser.add_argument("--quiet", action="store_true", help="say nothing while it goes on")
    parser.add_argument("--json", action="store_true", help="print how it ended as JSON")


def run(options: argparse.Namespace) -> int:
    common.need_torch()
    from polylsp.train import checkpoint, config
    from polylsp.train.loop import Run

    if options.config:
        found, tokens = config.load(options.config), options.tokens
    else:
        found, tokens = checkpoint.configuration(options.folder)
        tokens = options.tokens or tokens
    if tokens is None:
        raise PolyError("name what to train on: --tokens FOLDER")
    found = common.changed(found, options.set)
    return train_as(options, Run(found, tokens, options.folder, options.start))


def train_as(options: argparse.Namespace, asked: Any) -> int:
    """Train as `asked`, on the machine and in the manner that `options` say."""
    from dataclasses import replace

    from polylsp.train.loop import train

    with _stopping() as stopping:
        state = train(
            replace(
                asked,
                steps=max(0, options.do),
                threads=max(0, options.threads),
                device="cpu" if options.cpu else "",
                say=common.say(options),
                stopping=stopping,
            )
        )
    if options.json:
        print(json.dumps(asdict(state)))
    else:
        print(f"{asked.folder}: {state.step:,} steps, {state.tokens / 1e6:.2f} M tokens")
    return 0


@contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to end: a second Ctrl-C ends at once, and loses what came since the checkpoint."""
    asked: list[int] = []

    def stop(number: int, _: object) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)

    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(asked)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
