"""`polylsp clean`: see what polylsp keeps on this machine, and delete it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from polylsp.errors import PolyError

if TYPE_CHECKING:
    from polylsp.cli.kept import Kept

_EPILOG = """\
Without a kind it only shows what there is. What it deletes is what polylsp itself wrote for you, wherever its
variables say (POLYLSP_MODELS, POLYLSP_INDEX, POLYLSP_STATISTICS); other files in those folders stay. The program
itself, with the embedded model, goes the way it was installed: see docs/install.md.

A server that runs would write some of it again, so editors that have one are to be closed first.

examples:
  polylsp clean                          what is kept, where, and how big it is
  polylsp clean --index --statistics     delete these, after a question
  polylsp clean --all --dry-run          what would be deleted
  polylsp clean --all --yes              delete it all, without a question"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from polylsp.cli.kept import KINDS

    parser.epilog = _EPILOG
    for kind, about in KINDS.items():
        parser.add_argument(f"--{kind}", action="store_true", help=about)
    parser.add_argument("--all", action="store_true", help="all of these")
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be deleted")
    parser.add_argument("--yes", action="store_true", help="delete without asking")
    parser.add_argument("--force", action="store_true", help="also while a server is running")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(options: argparse.Namespace) -> int:
    from polylsp.cli.kept import KINDS, kept, tidy

    chosen = {kind for kind in KINDS if options.all or getattr(options, kind)}
    found = kept(chosen or set(KINDS))
    if not options.json:
        _show(found)
    if options.dry_run or not chosen or not found:
        if not chosen and found:
            _say("nothing was deleted: name what is to go (--models, --index, …), or --all")
        _report(options, found, [], [])
        return 0
    _refuse_while_running(options.force)
    if not _agreed(options.yes, found):
        _say("nothing was deleted: run this again with --yes")
        return 1
    deleted, problems = _delete(found)
    tidy()
    _report(options, found, deleted, problems)
    return 1 if problems else 0


def _show(found: Sequence[Kept]) -> None:
    for one in found:
        print(f"{one.kind:11} {_size(one.size):>10}  {one.about}\n{'':24}{one.path}")
    print(f"{_size(_total(found))} in all" if found else "nothing is kept on this machine")


def _refuse_while_running(force: bool) -> None:
    from polylsp.cli.running import running

    processes = [] if force else running()
    if processes:
        ids = ", ".join(map(str, processes))
        raise PolyError(
            f"polylsp is running (process {ids}) and would write some of it again: "
            "close the editors that use it, or add --force"
        )


def _agreed(yes: bool, found: Sequence[Kept]) -> bool:
    if yes or not sys.stdin.isatty():
        return yes
    print(f"delete all this, {_size(_total(found))}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _delete(found: Sequence[Kept]) -> tuple[list[Kept], list[str]]:
    """What was deleted, and why the rest was not."""
    deleted, problems = [], []
    for one in found:
        try:
            one.delete()
        except PolyError as error:
            problems.append(str(error))
        else:
            deleted.append(one)
    return deleted, problems


def _report(
    options: argparse.Namespace,
    found: Sequence[Kept],
    deleted: Sequence[Kept],
    problems: Sequence[str],
) -> None:
    for problem in problems:
        _say(f"polylsp: {problem}")
    if options.json:
        report: dict[str, Any] = {
            "found": [_row(one) for one in found],
            "deleted": [_row(one) for one in deleted],
            "freed": _total(deleted),
            "problems": list(problems),
        }
        print(json.dumps(report, indent=2))
    elif deleted:
        print(f"deleted: {_size(_total(deleted))} are free again")


def _row(one: Kept) -> dict[str, Any]:
    return {"kind": one.kind, "path": str(one.path), "about": one.about, "bytes": one.size}


def _total(found: Sequence[Kept]) -> int:
    return sum(one.size for one in found)


def _size(count: int) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / 1e3:.1f} kB"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
