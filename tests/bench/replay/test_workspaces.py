"""The workspace of what is typed: its package, without the file's own end and without its near twins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.bench.replay.pieces import pieces
from polylsp.bench.replay.workspaces import Workspaces
from polylsp.cli.__main__ import main
from tests.evals.conftest import write_package


def test_twins_are_gone_while_a_file_is_typed_and_back_for_the_next(tmp_path: Path) -> None:
    package = write_package(tmp_path / "shop")
    files = [package / name for name in ("first.py", "second.py")]
    first, second = pieces({"python": files}, 200)
    workspaces = Workspaces(tmp_path / "work", [package])
    typed, folder = workspaces.around(first)
    assert folder.name == "shop"
    assert typed.file == folder / "first.py"
    assert typed.file.read_text(encoding="utf-8") == first.opened
    assert not (folder / "copy.py").exists()
    assert (folder / "second.py").read_text(encoding="utf-8") == second.text
    other, again = workspaces.around(second)
    assert again == folder
    assert (folder / "copy.py").is_file()
    assert (folder / "first.py").read_text(encoding="utf-8") == first.text
    assert other.file.read_text(encoding="utf-8") == second.opened
    assert files[1].read_text(encoding="utf-8") == second.text, "the package itself stays as it is"


def test_what_the_package_remembers_is_measured_beside_no_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = write_package(tmp_path / "shop")
    asked = ["--files", "1", "--characters", "150", "--steady-only", "--json"]
    told = [str(package), "--memory", "all", "--beside", "off"]
    assert main(["bench", "replay", *told, *asked]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["memory"], report["beside"]["memory"]) == ("all", "off")
    assert report["mean"]["completed"] > report["beside"]["mean"]["completed"]
    claims = {one["id"]: one for one in report["claims"]}
    assert claims["completed_ratio"]["target"] == 0.23
    assert claims["memory_completed_gain"]["value"] > 1
    assert "memory_wrong" in claims
