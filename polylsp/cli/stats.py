"""`polylsp stats`: what became of the suggestions that this machine's editors showed."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polylsp.journal.counts import Counts

_EPILOG = """\
Editors do not tell what becomes of a suggestion, so the server reads it from what is typed next:
  accepted           put in to its end at once, or part by part
  accepted in part   a word or a line of it was put in
  typed out by hand  its letters were typed, key by key, to its end
  typed against      something else was typed where it stood
  dismissed          the cursor left it, or it went by itself
Accepted text is looked at again 15 seconds and 2 minutes later: is most of it still there?

A server adds its numbers once a minute, and when it ends. Only numbers are kept, by day,
language and model: no code, no file's name. They stay on this machine.
The setting `stats.enabled` switches them off; POLYLSP_STATISTICS names another file for them.

examples:
  polylsp stats                  the last 30 days
  polylsp stats --days 365       a year, by week
  polylsp stats --json           for programs
  polylsp stats --clear          delete them all"""

_NARROWEST, _WIDEST = 48, 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "--days", type=_days, default=30, help="how many days to look back (default: 30)"
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")
    parser.add_argument("--clear", action="store_true", help="delete what was counted")
    parser.add_argument("--yes", action="store_true", help="delete without asking")


def run(options: argparse.Namespace) -> int:
    from polylsp.journal import store

    if options.clear:
        return _clear(options)
    today = store.today()
    since = store.before(today, options.days - 1)
    counts = store.load(since)
    if options.json:
        print(json.dumps(_report(counts, since, today), indent=2))
        return 0
    _show(counts, today, options.days)
    print(f"\nkept in {store.place()}, on this machine only; off with the setting stats.enabled")
    return 0


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 400):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 400")
    return int(text)


def _show(counts: Counts, today: str, days: int) -> None:
    from polylsp.journal.chart import lines

    last = "day" if days == 1 else f"{days} days"
    if not counts:
        print(f"nothing was counted in the last {last}: type in an editor that runs polylsp")
        return
    print(f"the last {last}, to {today}: ", end="")
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns - 1))
    for line in lines(counts, today, days, width, plain=not _draws(sys.stdout.encoding)):
        print(line)


def _draws(encoding: str | None) -> bool:
    """Whether bars can be written there: a pipe on Windows may lack them."""
    try:
        "█▏".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _report(counts: Counts, since: str, today: str) -> dict[str, Any]:
    from polylsp.journal import store
    from polylsp.journal.counts import figures, total

    rows = sorted(counts.items(), key=lambda row: (row[0].day, row[0].language, row[0].model))
    return {
        "file": str(store.place()),
        "since": since,
        "today": today,
        "total": figures(total(counts.values())),
        "rows": [
            {
                **{name: getattr(key, name) for name in ("day", "language", "model", "mode")},
                **figures(numbers),
            }
            for key, numbers in rows
        ],
    }


def _clear(options: argparse.Namespace) -> int:
    from polylsp.journal import store

    agreed = options.yes
    if not agreed and sys.stdin.isatty():
        print(f"delete {store.place()}? [y/N] ", end="", file=sys.stderr, flush=True)
        agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not agreed:
        print("nothing was deleted: run this again with --yes", file=sys.stderr)
        return 1
    deleted = store.clear()
    if options.json:
        print(json.dumps({"file": str(store.place()), "deleted": deleted}))
    else:
        print(f"{store.place()} {'is deleted' if deleted else 'was not there'}")
    return 0
