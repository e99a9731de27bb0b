"""What of a file is typed."""

from __future__ import annotations

from pathlib import Path

from polylsp.bench.replay.pieces import pieces


def test_every_other_file_is_typed_into_a_hole(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.py", "b.py")]
    for file in files:
        file.write_bytes(b"".join(b"line_%d\r\n" % index for index in range(10, 40)))
    end, hole = pieces({"python": files}, 50)
    assert not end.hole
    assert hole.hole
    typed = end.text[end.start : end.end]
    assert typed == hole.text[hole.start : hole.end]
    assert "\r" not in end.text
    assert typed.endswith("\n")
    assert 40 < len(end) == len(typed) <= 50
    assert end.opened + typed == end.text[: end.end]
    assert hole.opened[: hole.start] + typed + hole.opened[hole.start + 1 :] == hole.text


def test_a_file_of_one_line_has_nothing_to_type(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x = 1")
    assert [len(piece) for piece in pieces({"python": [file]}, 50)] == [0]
