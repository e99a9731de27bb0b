"""`polylsp eval show`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError

HELP = "tables and pictures of reports that were kept with --append"
DESCRIPTION = """\
Show what was kept in a file of reports: a line each, then the last of each kind in full, with the
machine, the commit and the command that it was measured with.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, help="what `--append` has written")
    parser.add_argument(
        "--plot", type=Path, metavar="FOLDER", help="draw the last of each kind there"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the tables into this Markdown document"
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench import report
    from polylsp.evals import history

    found = history.read(options.file)
    if options.plot:
        history.draw(found, options.plot)
    table = history.table(found)
    if options.write:
        try:
            report.write(options.write, "evaluation", table)
        except OSError as error:
            raise PolyError(f"{options.write} cannot be written: {error}") from error
    return {"benchmark": "eval show", "reports": found, "table": table, "claims": [], "summary": []}


def show(report: dict[str, Any]) -> None:
    print(report["table"])
