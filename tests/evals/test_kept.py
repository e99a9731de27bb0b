"""A measurement goes on where it was ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.errors import PolyError
from polylsp.evals.kept import Kept, Row


class Asked:
    """Measures lengths, and remembers what of."""

    def __init__(self) -> None:
        self.items: list[str] = []

    def __call__(self, item: str) -> Row:
        self.items.append(item)
        return [item, len(item)]


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    asked = Asked()
    kept = Kept(tmp_path / "kept")
    assert kept.rows("a model", {"x": "one", "y": "three"}, asked) == {
        "x": ["one", 3],
        "y": ["three", 5],
    }
    (file,) = (tmp_path / "kept").iterdir()
    file.write_text(file.read_text(encoding="utf-8")[:-4], encoding="utf-8")  # Ended in a line.
    again = kept.rows("a model", {"y": "three", "x": "one", "z": "zero"}, asked)
    assert asked.items == ["one", "three", "three", "zero"]
    assert list(again) == ["y", "x", "z"]
    kept.rows("a model", {"x": "one"}, asked, "another one of that name")
    assert asked.items[-1] == "one"


def test_without_a_folder_all_is_measured_every_time() -> None:
    asked = Asked()
    for _ in range(2):
        Kept(None).rows("a model", {"x": "one"}, asked)
    assert len(asked.items) == 2


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(PolyError, match="choose another"):
        Kept(tmp_path / "file").rows("a model", {"x": "one"}, Asked())
