"""`polylsp bench`: measure speed and quality, each figure beside its baseline.

A kind of measurement is a module of `cli/benches/`: what it is asked, what it measures, how it is shown.
"""

from __future__ import annotations

import argparse

from polylsp.cli import kinds
from polylsp.cli.benches import calibrate, engine, keystroke, lookup, memory, quality, replay

_KINDS = {
    "calibrate": calibrate,
    "engine": engine,
    "keystroke": keystroke,
    "lookup": lookup,
    "memory": memory,
    "quality": quality,
    "replay": replay,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds.add_arguments(parser, _KINDS)


def run(options: argparse.Namespace) -> int:
    return kinds.run(options, _KINDS)
