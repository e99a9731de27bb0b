"""`polylsp eval infilling`."""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.cli.evals import common as evals
from polylsp.errors import PolyError

HELP = "whether functions work with a line that the model fills in (HumanEval)"
DESCRIPTION = """\
Fill in a missing line of many small functions, and run their tests: with what stands before the line
alone, and with what stands behind it as well, where the model was taught to fill in the middle.

What the model wrote IS RUN on this machine, with limits: a few seconds, a gigabyte of memory (not on
Windows), an empty folder of its own, and on Linux no network, where users may have namespaces. It may
read and write what you may read and write. The report says what was limited.
"""
EPILOG = """\
examples:
  polylsp eval infilling HumanEval-SingleLineInfilling.jsonl.gz
  polylsp eval infilling humaneval-single-line --model embedded smollm2-135m   fetched by git
  polylsp eval infilling tasks.jsonl --tasks 100 --keep /tmp/filled --append reports.jsonl
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument(
        "source", help="a .jsonl or .jsonl.gz file of tasks, or a name: humaneval-single-line"
    )
    parser.add_argument(
        "--model", nargs="+", default=["embedded"], help="names or folders of models, each measured"
    )
    parser.add_argument(
        "--tasks", type=int, default=0, metavar="N", help="so many of them, always the same"
    )
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="that a program may take (default: 5)"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep lines there, and do not ask again"
    )
    evals.add_append(parser)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.evals.infilling import tasks
    from polylsp.evals.infilling.measure import Evaluation
    from polylsp.evals.infilling.sandbox import Sandbox

    if options.tasks < 0 or options.seconds <= 0:
        raise PolyError("--tasks and --seconds count: give numbers above 0")
    evals.check_append(options.append)
    found = tasks.load(options.source, common.say_line)
    if 0 < options.tasks < len(found):
        chosen = sorted(random.Random(7).sample(range(len(found)), options.tasks))
        found = [found[at] for at in chosen]
    evaluation = Evaluation(found, Sandbox(options.seconds), options.keep, common.say)
    report = evaluation.report(options.model, Path(options.source).name)
    common.end()
    return evals.dated(report, options.append)


def show(report: dict[str, Any]) -> None:
    from polylsp.evals.infilling.table import table

    print(table(report))
