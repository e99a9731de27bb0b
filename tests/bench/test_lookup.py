"""`polylsp bench lookup`: where files are cut, and what is compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.bench.lookup import cuts
from polylsp.cli.__main__ import main

_SAMPLES = Path(__file__).parent.parent / "samples"


def test_files_are_cut_behind_lines_that_open_a_block_always_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    start = '"""For example:\n' + "x" * 300 + ':\n"""\n'
    file.write_text(start + "if a:\n    b = 1\n\nwhile c:\n    e = 2\n")
    found = cuts({"python": [file]}, 10)
    assert [cursor.line_prefix for cursor in found] == ["if a:", "while c:"]
    assert all(not cursor.suffix for cursor in found)
    assert cuts({"python": [file]}, 10) == found
    assert len(cuts({"python": [file]}, 1)) == 1


def test_all_files_are_cut_alike() -> None:
    files = {"c": [_SAMPLES / "ring_buffer.c"], "python": [_SAMPLES / "graph_search.py"]}
    found = [cursor.snapshot.language for cursor in cuts(files, 6)]
    assert found == ["c"] * 3 + ["python"] * 3


def test_blocks_are_the_same_both_ways_and_take_fewer_passes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [str(_SAMPLES / name) for name in ("ring_buffer.c", "graph_search.py")]
    assert main(["bench", "lookup", *paths, "--positions", "4", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["languages"]) == {"c", "python"}
    assert report["all"]["blocks"] == 4
    assert report["all"]["passes"][0] > report["all"]["passes"][1]
    claims = {claim["id"]: claim for claim in report["claims"]}
    assert claims["lookup_identical"]["value"] == 1
    assert claims["lookup_pass_ratio"]["value"] == report["all"]["pass_ratio"]
    assert {claim["n"] for claim in claims.values()} == {4}


def test_nothing_to_complete_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "lookup", str(tmp_path)]) == 1
    assert "no hand-written source file" in capsys.readouterr().err
