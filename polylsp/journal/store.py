"""Where counts are kept between runs: one small file of this user's, in SQLite's format.

Several servers add to it at once. What is older than some 400 days is dropped. A damaged file is put aside, not
complained of: it is only numbers.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from polylsp.errors import PolyError
from polylsp.journal.counts import Counts, Key

if TYPE_CHECKING:
    from sqlite3 import Connection

_Result = TypeVar("_Result")

_DAMAGED = ".damaged"  # Behind the name of a file that was put aside.
_DAYS = 400
_PATIENCE = 2.0  # Seconds that another server may take to write.
_TABLE = """CREATE TABLE IF NOT EXISTS counts (
    day TEXT, language TEXT, model TEXT, mode TEXT, name TEXT, count INTEGER,
    PRIMARY KEY (day, language, model, mode, name)
) WITHOUT ROWID"""
_ADD = """INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (day, language, model, mode, name) DO UPDATE SET count = count + excluded.count"""


def place() -> Path:
    """The file; `POLYLSP_STATISTICS` names another."""
    import platformdirs

    chosen = os.environ.get("POLYLSP_STATISTICS")
    return Path(chosen) if chosen else platformdirs.user_state_path("polylsp") / "statistics.db"


def today() -> str:
    """The day, as counts name it, by the user's calendar."""
    return datetime.now(timezone.utc).astimezone().date().isoformat()


def before(day: str, days: int) -> str:
    """The day so many days before another."""
    return (date.fromisoformat(day) - timedelta(days)).isoformat()


def save(counts: Counts, day: str) -> None:
    """Add counts to what is kept; `day` is today. Raises PolyError where that cannot be."""
    rows = [
        (key.day, key.language, key.model, key.mode, name, count)
        for key, numbers in counts.items()
        for name, count in numbers.items()
    ]

    def work(connection: Connection) -> None:
        connection.execute("DELETE FROM counts WHERE day < ?", (before(day, _DAYS),))
        connection.executemany(_ADD, rows)

    _use(work)


def load(since: str = "") -> Counts:
    """What is kept of the day `since` and later ones. Raises PolyError where it cannot be read."""

    def work(connection: Connection) -> Counts:
        counts: Counts = {}
        for *about, name, count in connection.execute(
            "SELECT day, language, model, mode, name, count FROM counts WHERE day >= ?", (since,)
        ):
            counts.setdefault(Key(*about), Counter())[name] = count
        return counts

    return _use(work) if place().exists() else {}


def files() -> list[Path]:
    """Every file with statistics in it."""
    file = place()
    named = [file.with_name(file.name + ending) for ending in ("", "-journal", _DAMAGED)]
    return [one for one in named if one.is_file()]


def clear() -> bool:
    """Delete what is kept; whether there was anything. Raises PolyError where that cannot be."""
    file, there = place(), False
    for one in files():
        try:
            one.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise PolyError(f"{file} cannot be deleted ({error}): is a server using it?") from error
        there = True
    return there


def _use(work: Callable[[Connection], _Result]) -> _Result:
    """What `work` returns, all of it or nothing; a damaged file is put aside, and it begins anew."""
    file = place()
    try:
        import sqlite3
    except ImportError as error:
        raise PolyError(
            "this Python was built without SQLite, so no statistics are kept"
        ) from error
    try:
        try:
            return _attempt(file, work)
        except sqlite3.DatabaseError as error:
            # Full disks, locks and the like are of a class below this one.
            if type(error) is not sqlite3.DatabaseError:
                raise
            file.replace(file.with_name(file.name + _DAMAGED))
            return _attempt(file, work)
    except (sqlite3.Error, OSError) as error:
        raise PolyError(
            f"the statistics in {file} cannot be used ({error}): "
            "set POLYLSP_STATISTICS to a file of yours, or switch them off (stats.enabled)"
        ) from error


def _attempt(file: Path, work: Callable[[Connection], _Result]) -> _Result:
    import sqlite3

    if not file.exists():  # For its owner alone, which SQLite would not see to.
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    with contextlib.closing(sqlite3.connect(file, timeout=_PATIENCE)) as connection, connection:
        connection.execute(_TABLE)
        return work(connection)
