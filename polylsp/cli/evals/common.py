"""What the kinds have in common: which packages are read, and where a report goes as a dated line."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.errors import PolyError


def add_read(parser: argparse.ArgumentParser) -> None:
    """What is read, and by which models."""
    common.add_sources(parser, "folders, git checkouts")
    parser.add_argument(
        "--model", nargs="+", default=["embedded"], help="names or folders of models, each measured"
    )


def add_kept(parser: argparse.ArgumentParser) -> None:
    """What stays of it."""
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="keep there what was read, and do not read it again",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw a page: .png, .svg or .pdf")


def add_append(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--append",
        type=Path,
        metavar="FILE",
        help="add the report to FILE as one line of JSON; `polylsp eval show FILE` makes tables of such",
    )


def dated(found: dict[str, Any], file: Path | None) -> dict[str, Any]:
    """The report with its date, commit and command; also as a line of `file`. Raises PolyError."""
    from polylsp.bench.report import commit

    when = datetime.now(timezone.utc).isoformat(timespec="seconds")
    command = shlex.join(["polylsp", *sys.argv[1:]])
    report = {"date": when, "commit": commit(), "command": command, **found}
    if file:
        try:
            with file.open("a", encoding="utf-8") as opened:
                opened.write(json.dumps(report) + "\n")
        except OSError as error:
            raise PolyError(f"{file} cannot be written ({error}): choose another") from error
    return report


def check_append(file: Path | None) -> None:
    """Before all the work, not behind it. Raises PolyError."""
    if file and not file.absolute().parent.is_dir():
        raise PolyError(f"{file}: there is no folder {file.parent}: make it, or choose another")


def sources(options: argparse.Namespace) -> Any:
    """What is read: the sources that were named, and a set. Raises PolyError."""
    from polylsp.sources import find

    return find.find(options.sources, options.set, common.say_line)
