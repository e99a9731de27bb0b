"""What is typed, and what is there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.demo.lesson import read
from polylsp.errors import PolyError


def test_the_example_is_cut_where_something_new_begins() -> None:
    lesson = read(None)
    assert lesson.head.endswith("}\n\n")
    assert len(lesson.text) / 3 < lesson.start < len(lesson.text) / 2
    assert lesson.text.startswith("\n//"[1:], lesson.start)


@pytest.mark.parametrize("text", ["", "x", "one line without end", "a\nb\nc\nd\ne\nf"])
def test_any_file_will_do(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(text, "utf-8")
    lesson = read(tmp_path / "a.py")
    assert lesson.head == "" or lesson.head.endswith("\n")
    assert lesson.text.rstrip("\n") == text


def test_lines_end_where_the_screen_ends_them(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes("a\r\nb\x0cc\u2028d".encode())
    assert read(tmp_path / "a.c").text == "a\nb\nc\nd\n"


def test_what_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolyError, match=r"a\.py cannot be read"):
        read(tmp_path / "a.py")
