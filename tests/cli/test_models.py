"""`polylsp models list` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main
from tests import tinies


def test_the_model_that_ships_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("embedded ")
    assert "MIT" in said
    assert "polylsp/models/embedded" in said.replace("\\", "/")


def test_folders_are_listed_beside_it_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tinies.exported(tmp_path, tinies.LLAMA, "int4")
    assert main(["models", "list", str(folder), "--json"]) == 0
    embedded, llama = json.loads(capsys.readouterr().out)
    assert embedded["name"] == "embedded"
    assert (llama["name"], llama["weights"], llama["folder"]) == ("llama", "int4-b32", str(folder))


def test_one_broken_folder_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tinies.exported(tmp_path)
    assert main(["models", "list", str(tmp_path / "missing"), str(folder)]) == 1
    said = capsys.readouterr()
    assert "neox" in said.out
    assert said.err.startswith("polylsp: there is no model ")
