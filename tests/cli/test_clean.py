"""`polylsp clean`: what polylsp wrote is shown and deleted; nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import platformdirs
import pytest

from polylsp.cli.__main__ import main
from polylsp.cli.running import writes
from polylsp.journal import store as statistics
from polylsp.journal.counts import Key
from polylsp.models import store as models
from polylsp.workspace import shelf

_KEY = Key("2026-01-01", "python", "embedded", "line")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folders, as the system names them; nothing is in them yet."""
    for name in ("POLYLSP_MODELS", "POLYLSP_INDEX", "POLYLSP_STATISTICS"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    for name in ("cache", "data", "state"):
        place = home / name / "polylsp"
        monkeypatch.setattr(platformdirs, f"user_{name}_path", lambda _, place=place: place)
    monkeypatch.setenv("HOME", str(home))  # No other server keeps its things here.
    return home


@pytest.fixture
def filled(home: Path, tmp_path: Path) -> Path:
    """Something of each kind."""
    source = models.incoming("tiny")
    (source / "weights").write_bytes(b"x" * 3000)
    models.received("tiny", models.Receipt("index", "tiny==1", "", "MIT", "weights", {}))
    _model(models.home("tiny") / "onnx-int8")
    models.incoming("unfinished")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("x = 1\n")
    assert main(["index", str(tmp_path / "code")]) == 0
    statistics.save({_KEY: Counter(shown=1)}, "2026-01-01")
    package = home / "cache" / "polylsp" / "sources" / "pypi-rich==15"
    package.mkdir(parents=True)
    (package / "a.py").write_text("y = 2\n")
    return home


def _model(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "polylsp.json").write_text("{}")


def test_all_deletes_everything_and_leaves_nothing(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len([file for file in filled.rglob("*") if file.is_file()]) > 6
    capsys.readouterr()
    assert main(["clean", "--all", "--yes", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    kinds = [row["kind"] for row in report["deleted"]]
    assert kinds == ["models", "models", "index", "statistics", "sources"]
    assert report["freed"] == sum(row["bytes"] for row in report["found"]) > 3000
    assert {one.name for one in filled.rglob("*")} <= {"cache", "data", "state"}
    assert main(["clean", "--all"]) == 0
    assert "nothing is kept" in capsys.readouterr().out


def test_without_a_kind_it_only_shows_what_there_is(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(filled.rglob("*"))
    for arguments in (["clean"], ["clean", "--all", "--dry-run"], ["clean", "--dry-run", "--yes"]):
        assert main(arguments) == 0
        out = capsys.readouterr().out
        assert str(tmp_path / "code") in out
        assert "1 package\n" in out
        assert " in all" in out
    assert main(["clean", "--all"]) == 1  # Nobody is there to be asked.
    assert "--yes" in capsys.readouterr().err
    assert sorted(filled.rglob("*")) == before


@pytest.mark.parametrize("kind", ["models", "index", "statistics", "sources"])
def test_a_kind_goes_alone(filled: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", f"--{kind}", "--yes"]) == 0
    assert "are free again" in capsys.readouterr().out
    assert main(["clean", "--json"]) == 0
    left = {row["kind"] for row in json.loads(capsys.readouterr().out)["found"]}
    assert left == {"models", "index", "statistics", "sources"} - {kind}


def test_what_is_not_ours_stays(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables may name folders with other things in them, a home folder even."""
    shared = tmp_path / "shared"
    theirs = [
        shared / "project" / "source" / "main.c",
        shared / "thesis" / "polylsp.json",
        shared / ("0" * 32) / "photo.jpg",
        shared / "half" / "notes.txt",
        shared / "notes.txt",
    ]
    for file in theirs:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    _model(shared / "ours" / "onnx-int8")
    _model(shared / "half" / "onnx-int8")
    (shared / "empty").mkdir()
    _link(shared / "link", filled / "data" / "polylsp" / "models" / "tiny")
    for name in ("MODELS", "INDEX"):
        monkeypatch.setenv(f"POLYLSP_{name}", str(shared))
    monkeypatch.setenv("POLYLSP_STATISTICS", str(shared / "statistics.db"))
    environment = filled / "data" / "polylsp" / "bin" / "python"  # As docs/install.md says.
    environment.parent.mkdir(parents=True)
    environment.write_text("")
    assert main(["clean", "--all", "--yes"]) == 0
    assert all(file.read_text() == "mine" for file in theirs)
    assert not (shared / "ours").exists()
    assert (shared / "half" / "onnx-int8").exists()
    assert (shared / "empty").is_dir()
    assert environment.exists()
    assert (filled / "data" / "polylsp" / "models" / "tiny" / "onnx-int8").exists()


def _link(place: Path, to: Path) -> None:
    try:
        place.symlink_to(to, target_is_directory=True)
    except OSError:  # Windows allows it to some users only.
        return


def test_an_index_that_is_being_written_stays_and_is_told(
    filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shelf, "_PATIENCE", 0)
    [index] = shelf.kept(shelf.shelf())
    with shelf.writing(index.folder):
        assert main(["clean", "--all", "--yes"]) == 1
    assert "is being written by another process" in capsys.readouterr().err
    assert index.folder.exists()
    assert not models.root().exists()


def test_nothing_goes_while_a_server_runs(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(filled.rglob("*"))
    command = [sys.executable, "-m", "polylsp", "lsp"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=os.environ) as server:
        try:
            assert main(["clean", "--all", "--yes"]) == 1
            assert f"process {server.pid})" in capsys.readouterr().err
            assert sorted(filled.rglob("*")) == before
            assert main(["clean", "--statistics", "--yes", "--force"]) == 0
        finally:
            server.kill()
    assert main(["clean", "--all", "--yes"]) == 0


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/usr/bin/polylsp lsp", True),
        ("python -I -m polylsp lsp", True),
        (r"C:\x\python.exe C:\x\Scripts\polylsp.exe --flag lsp", True),
        ("polylsp models pull x", True),
        ("polylsp clean --all", False),
        ("polylsp stats", False),
        ("vim polylsp/lsp/server.py", False),
        ("git -C polylsp log", False),
    ],
)
def test_only_processes_that_write_are_in_the_way(command: str, expected: bool) -> None:
    assert writes(command.split()) is expected
