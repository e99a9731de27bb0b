"""A model folder appears whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from polylsp.errors import ModelError
from polylsp.export.place import place


def listed(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_what_was_written_appears_when_all_of_it_is(tmp_path: Path) -> None:
    destination = tmp_path / "deep/model"
    with place(destination) as partial:
        (partial / "file").write_text("whole", encoding="utf-8")
        assert not destination.exists()
    assert (destination / "file").read_text(encoding="utf-8") == "whole"
    assert listed(tmp_path / "deep") == ["model"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> None:
        with place(tmp_path / "model") as partial:
            (partial / "file").write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert listed(tmp_path) == []


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    with place(tmp_path / "model") as partial:
        (partial / "file").touch()
        (tmp_path / "model").mkdir()
    assert listed(tmp_path / "model") == ["file"]


@pytest.mark.parametrize(("name", "said"), [("polylsp.json", "a model"), ("x", "not empty")])
def test_nothing_is_written_over(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / name).touch()
    with pytest.raises(ModelError, match=said), place(tmp_path / "model"):
        raise AssertionError
    assert listed(tmp_path / "model") == [name]


def test_who_was_quicker_is_not_written_over(tmp_path: Path) -> None:
    def overtaken() -> None:
        with place(tmp_path / "model"):
            (tmp_path / "model").mkdir()
            (tmp_path / "model/polylsp.json").touch()

    with pytest.raises(ModelError, match="holds a model already"):
        overtaken()
    assert listed(tmp_path) == ["model"]


def test_what_a_killed_conversion_left_is_removed_in_time(tmp_path: Path) -> None:
    for left, age in (
        ("model.1.partial", 10**6),
        ("model.2.partial", 0),
        ("mode.1.partial", 10**6),
    ):
        (tmp_path / left).mkdir()
        then = (tmp_path / left).stat().st_mtime - age
        os.utime(tmp_path / left, (then, then))
    with place(tmp_path / "model"):
        pass
    assert listed(tmp_path) == ["mode.1.partial", "model", "model.2.partial"]


def test_a_destination_that_cannot_be_made_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot be made"), place(tmp_path / "file/model"):
        raise AssertionError
    with pytest.raises(ModelError, match="cannot be made"), place(tmp_path / "file"):
        pass
