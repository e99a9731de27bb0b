"""Which files measurements are made on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from polylsp.errors import PolyError
from polylsp.evals.held import held_out

SAMPLES = Path(__file__).parent.parent / "samples"


def test_files_of_packages_take_turns_in_an_order_of_their_names_alone(tmp_path: Path) -> None:
    text = (SAMPLES / "graph_search.py").read_text(encoding="utf-8")
    for package in ("one", "two"):
        (tmp_path / package).mkdir()
        for name in "abc":
            said = f"# {package} {name}\n{text}"
            (tmp_path / package / f"{name}.py").write_text(said, encoding="utf-8")
    roots = [tmp_path / "one", tmp_path / "two"]
    found = held_out(roots, 4)["python"]
    assert [held.package for held in found] == ["one", "two", "one", "two"]
    (tmp_path / "one" / "added.txt").write_text("no source", encoding="utf-8")
    assert held_out(roots, 4)["python"] == found
    assert held_out(roots, 2)["python"] == found[:2]


def test_a_header_of_cpp_is_cpp_and_tsx_is_typescript(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "matrix.cpp", tmp_path / "matrix.h")
    shutil.copy(SAMPLES / "rateLimiter.ts", tmp_path / "limiter.tsx")
    assert list(held_out([tmp_path], 1)) == ["cpp", "typescript"]


def test_what_says_the_same_is_held_once_and_what_nobody_wrote_only_as_a_whole(
    tmp_path: Path,
) -> None:
    shutil.copy(SAMPLES / "lru.go", tmp_path / "lru.go")
    shutil.copy(SAMPLES / "lru.go", tmp_path / "again.go")
    (tmp_path / "short.go").write_bytes(b"package short // \xff\n")
    assert len(held_out([tmp_path], 9)["go"]) == 1
    whole = held_out([tmp_path], 1, whole=True)["go"]
    assert {held.name for held in whole} >= {"short.go"}
    assert len(whole) == 2


def test_a_folder_without_source_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PolyError, match="give a folder"):
        held_out([tmp_path], 1)
