"""`polylsp eval polyline`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.cli.evals import common as evals
from polylsp.errors import PolyError

HELP = "how often the rest of a line is right, in twelve languages"
DESCRIPTION = """\
Finish lines at many places of files that are held out: anywhere within a line, behind what asks for
more, and at the start of an indented line. The places are the same every time. The model is asked
through the prompt that editors get, with the text before the cursor alone (prefix), with the text
behind it as well (suffix), and with the user's own code weighing in as it does by default (memory);
beside it a 6-gram model with a cache of the file, and a copy of the most similar earlier line.

--trial puts the context on trial instead: the built prompt against the last 2,000 characters, at as
many tokens, with one thing left out at a time.
"""
EPILOG = """\
examples:
  polylsp eval polyline src                                  your own code
  polylsp eval polyline --set test --keep /tmp/said --append reports.jsonl --check
  polylsp eval polyline --set test --model embedded --beside ./older-model
  polylsp eval polyline --set development --trial --points 40 --model embedded smollm2-135m
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    evals.add_read(parser)
    parser.add_argument(
        "--beside", nargs="+", default=[], metavar="MODEL", help="models to compare the first with"
    )
    parser.add_argument(
        "--points", type=int, default=150, metavar="N", help="of each language (default: 150)"
    )
    parser.add_argument(
        "--ways",
        nargs="+",
        default=[],
        metavar="WAY",
        help="only some: prefix, suffix, memory; of a trial naive, built, 'without sibling' …",
    )
    parser.add_argument("--trial", action="store_true", help="put the context on trial")
    parser.add_argument(
        "--corpus",
        nargs="+",
        type=Path,
        default=[],
        metavar="FOLDER",
        help="source code that the 6-gram model learns, too, beside the rest of each file's package",
    )
    parser.add_argument("--no-baselines", action="store_true", help="ask the models alone")
    parser.add_argument("--seed", type=int, default=7, help="of the places (default: 7)")
    parser.add_argument(
        "--right", type=Path, metavar="FILE", help="write which places the first model is right at"
    )
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="such a file to compare with (the bootstrap's)"
    )
    evals.add_kept(parser)
    evals.add_append(parser)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.evals.polyline import known
    from polylsp.evals.polyline.asking import Asking, Plan
    from polylsp.evals.polyline.measure import report as measured
    from polylsp.evals.polyline.picture import draw

    _check(options)
    plan = Plan(
        models=[*options.model, *options.beside],
        ways=options.ways,
        points=options.points,
        trial=options.trial,
        baselines=not options.no_baselines,
        corpus=options.corpus,
        seed=options.seed,
        against=options.against or known.FILE,
        right=options.right,
    )
    found = evals.sources(options)
    asking = Asking(found.folders, plan, options.keep, common.say)
    report = evals.dated(measured(asking, found.names), options.append)
    common.end()
    if options.plot:
        draw(report, options.plot)
    return report


def _check(options: argparse.Namespace) -> None:
    """Before all the asking, not behind it. Raises PolyError."""
    from polylsp.evals import picture
    from polylsp.evals.polyline.ways import WAYS, trial

    if options.points < 1:
        raise PolyError("--points counts places of each language: give a number above 0")
    names = [way.name for way in (trial(fills=True) if options.trial else WAYS.values())]
    if unknown := sorted(set(options.ways) - set(names)):
        raise PolyError(f"--ways {unknown[0]}: there are {', '.join(names)}")
    if options.trial and options.ways and not {"naive", "built"} <= set(options.ways):
        raise PolyError("a trial compares two ways in any case: give --ways naive built, too")
    if options.against and not options.against.is_file():
        raise PolyError(f"{options.against}: there is no such file; `--right` writes one")
    evals.check_append(options.append)
    if options.plot:
        picture.check(options.plot)


def show(report: dict[str, Any]) -> None:
    from polylsp.evals.polyline.table import table

    print(table(report))
