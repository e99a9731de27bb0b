"""`polylsp eval`: measure how good what is said is.

A kind of measurement is a module of `cli/evals/`: what it is asked, what it measures, how it is shown.
"""

from __future__ import annotations

import argparse

from polylsp.cli import kinds
from polylsp.cli.evals import infilling, memory, perplexity, polyline, show

_KINDS = {
    "perplexity": perplexity,
    "polyline": polyline,
    "infilling": infilling,
    "memory": memory,
    "show": show,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds.add_arguments(parser, _KINDS)


def run(options: argparse.Namespace) -> int:
    return kinds.run(options, _KINDS)
