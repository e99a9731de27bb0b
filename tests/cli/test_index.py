"""`polylsp index`: a folder is remembered, told of, and forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main
from polylsp.workspace import shelf


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLYLSP_INDEX", str(tmp_path / "indexes"))
    return tmp_path / "indexes"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.py").write_text("def f(x):\n    return x\n")
    (tmp_path / "root" / "b.go").write_text("package b\n")
    return tmp_path / "root"


def test_it_tells_what_it_remembered_and_what_that_took(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(root), "--json"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert err == ""  # Progress is for terminals.
    assert (report["files"], report["bytes"], report["read"]) == (2, 33, 2)
    assert report["root"] == str(root.resolve())
    assert report["tokens"] > 8
    assert report["disk"] > 0
    assert report["seconds"] > 0
    assert {"cpu_seconds", "resident_growth", "ready_milliseconds"} <= set(report)
    assert main(["index", str(root)]) == 0
    assert f"{root.resolve()} is remembered: 2 files, " in capsys.readouterr().out


def test_status_tells_of_one_folder_or_of_all(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", "--status"]) == 0
    assert "nothing is remembered" in capsys.readouterr().out
    (tmp_path / "other").mkdir()
    for folder in (root, tmp_path / "other"):
        main(["index", str(folder)])
    capsys.readouterr()
    main(["index", "--status", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert {Path(row["root"]).name: row["files"] for row in rows} == {"root": 2, "other": 0}
    main(["index", "--status", str(root)])
    out = capsys.readouterr().out
    assert out.startswith(f"{root.resolve()}: 2 files, ")
    assert main(["index", "--status", str(tmp_path)]) == 0
    assert f"nothing is remembered of {tmp_path}" in capsys.readouterr().out


def test_clear_asks_before_it_deletes_all(
    root: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["index", str(root)])
    assert main(["index", "--clear"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert len(shelf.kept(cache)) == 1
    assert main(["index", "--clear", str(root / "elsewhere")]) == 0
    assert len(shelf.kept(cache)) == 1
    assert main(["index", "--clear", str(root)]) == 0
    assert "1 index deleted" in capsys.readouterr().out
    assert shelf.kept(cache) == []
    main(["index", str(root)])
    capsys.readouterr()
    assert main(["index", "--clear", "--yes", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["deleted"]
    assert row["root"] == str(root.resolve())
    assert shelf.kept(cache) == []


def test_what_cannot_be_indexed_is_said(
    root: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(root / "a.py")]) == 1
    assert "is no folder" in capsys.readouterr().err
    main(["index", str(root)])
    with shelf.writing(shelf.kept(cache)[0].folder):
        assert main(["index", str(root)]) == 1
    assert "another process is indexing" in capsys.readouterr().err
    cache.rename(cache.with_name("moved"))
    cache.write_text("no folder")
    assert main(["index", str(root)]) == 1
    assert "cannot be written" in capsys.readouterr().err
