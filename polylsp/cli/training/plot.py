"""`polylsp train plot`."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "draw how a run went"
DESCRIPTION = "Draw the loss, and the bits per byte of each language, by the tokens seen."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="folders of runs")
    parser.add_argument("picture", type=Path, help="a .svg, .png or .pdf file")


def run(options: argparse.Namespace) -> int:
    from polylsp.train.picture import draw

    draw(options.runs, options.picture)
    print(options.picture)
    return 0
