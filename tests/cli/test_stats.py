"""`polylsp stats`: what is shown, told to programs, and deleted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main
from polylsp.journal import store
from polylsp.journal.counts import Key


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "statistics.db"
    monkeypatch.setenv("POLYLSP_STATISTICS", str(chosen))
    return chosen


def fill(days_ago: int = 0, shown: int = 4) -> None:
    day = store.before(store.today(), days_ago)
    key = Key(day, "python", "embedded", "line")
    store.save({key: Counter(shown=shown, accepted=1)}, store.today())


def test_it_shows_what_was_counted_and_says_how_to_stop_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill()
    assert main(["stats"]) == 0
    out = capsys.readouterr().out
    assert "4 suggestions shown" in out
    assert "python" in out
    assert f"kept in {file}, on this machine only" in out
    assert "stats.enabled" in out


def test_before_anything_was_counted_it_says_so(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stats", "--days", "7"]) == 0
    assert "nothing was counted in the last 7 days" in capsys.readouterr().out
    assert not file.exists()


def test_only_the_days_asked_for_count(capsys: pytest.CaptureFixture[str]) -> None:
    fill(shown=4)
    fill(days_ago=1, shown=8)
    fill(days_ago=7, shown=16)
    for days, shown in ((1, 4), (2, 12), (7, 12), (8, 28)):
        assert main(["stats", "--json", "--days", str(days)]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["total"]["shown"] == shown
        assert sum(row["shown"] for row in report["rows"]) == shown


def test_a_row_says_what_it_is_of(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill()
    assert main(["stats", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    [row] = report["rows"]
    assert report["file"] == str(file)
    about = (row["day"], row["language"], row["model"], row["mode"])
    assert about == (store.today(), "python", "embedded", "line")
    assert (row["accepted"], row["typedOut"], row["medianMilliseconds"]) == (1, 0, None)


def test_they_are_deleted_by_who_says_yes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill()
    assert main(["stats", "--clear"]) == 1  # Nobody is there to be asked.
    assert "--yes" in capsys.readouterr().err
    assert file.exists()
    assert main(["stats", "--clear", "--yes"]) == 0
    assert not file.exists()
    assert main(["stats", "--clear", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["deleted"] is False


@pytest.mark.parametrize("days", ["0", "401", "-1", "many"])
def test_days_are_a_number_within_reason(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["stats", f"--days={days}"])
    assert ended.value.code == 2
    assert "1 to 400" in capsys.readouterr().err


def test_a_place_that_cannot_be_used_is_a_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.mkdir()
    assert main(["stats"]) == 1
    assert capsys.readouterr().err.startswith(f"polylsp: the statistics in {file} cannot be used")
