"""What is kept between runs: added to by several servers, private, bounded, and never in anybody's way."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from polylsp.errors import PolyError
from polylsp.journal import store
from polylsp.journal.counts import Key

TODAY = "2026-11-26"
KEY = Key(TODAY, "python", "tiny", "line")


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "deep" / "statistics.db"
    monkeypatch.setenv("POLYLSP_STATISTICS", str(chosen))
    return chosen


def test_a_user_has_a_place_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLYLSP_STATISTICS")
    assert store.place().name == "statistics.db"
    assert "polylsp" in store.place().parts


def test_what_is_saved_is_loaded_and_adds_up(file: Path) -> None:
    store.save({KEY: Counter(shown=2)}, TODAY)
    store.save({KEY: Counter(shown=1, accepted=1)}, TODAY)
    assert store.load() == {KEY: Counter(shown=3, accepted=1)}
    assert store.load(TODAY) == store.load()
    assert store.load("2026-11-27") == {}
    assert sorted(one.name for one in file.parent.iterdir()) == [file.name]


def test_nothing_is_made_to_look_whether_something_is_there(file: Path) -> None:
    assert store.load() == {}
    assert store.clear() is False
    assert not file.parent.exists()


def test_several_servers_lose_nothing() -> None:
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(store.save, {KEY: Counter(shown=1)}, TODAY) for _ in range(60)]:
            done.result()
    assert store.load()[KEY]["shown"] == 60


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_may_read_it(file: Path) -> None:
    store.save({KEY: Counter(shown=1)}, TODAY)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_old_is_dropped() -> None:
    old = Key(store.before(TODAY, 401), "python", "tiny", "line")
    kept = Key(store.before(TODAY, 400), "python", "tiny", "line")
    store.save({old: Counter(shown=1), kept: Counter(shown=1)}, TODAY)
    store.save({KEY: Counter(shown=1)}, TODAY)
    assert set(store.load()) == {kept, KEY}


@pytest.mark.parametrize("damage", ["text", "inside"])
def test_a_damaged_file_is_put_aside(file: Path, damage: str) -> None:
    store.save(
        {Key(TODAY, "python", str(one), "line"): Counter(shown=1) for one in range(500)}, TODAY
    )
    content = file.read_bytes()
    kept = b"no" if damage == "text" else content[:4096]
    file.write_bytes((kept + b"\xff" * len(content))[: len(content)])
    store.save({KEY: Counter(shown=1)}, TODAY)
    assert store.load() == {KEY: Counter(shown=1)}
    assert file.with_name(file.name + ".damaged").exists()
    assert store.clear()
    assert list(file.parent.iterdir()) == []


def test_where_nothing_can_be_written_it_is_said_how_to_mend_that(file: Path) -> None:
    file.parent.write_text("a file, not a folder")
    with pytest.raises(PolyError, match=r"POLYLSP_STATISTICS.*stats\.enabled"):
        store.save({KEY: Counter(shown=1)}, TODAY)


def test_a_server_that_writes_for_long_is_an_error_that_passes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save({KEY: Counter(shown=1)}, TODAY)
    monkeypatch.setattr(store, "_PATIENCE", 0.0)
    busy = sqlite3.connect(file, isolation_level=None)
    busy.execute("BEGIN EXCLUSIVE")
    with pytest.raises(PolyError, match="locked"):
        store.save({KEY: Counter(shown=1)}, TODAY)
    busy.execute("ROLLBACK")
    busy.close()
    store.save({KEY: Counter(shown=1)}, TODAY)
    assert store.load()[KEY]["shown"] == 2
