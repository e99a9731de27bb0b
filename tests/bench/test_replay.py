"""`polylsp bench replay`: who is counted, and how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.bench.replay.files import choose
from polylsp.bench.replay.steady import Tally
from polylsp.cli.__main__ import main

_SAMPLES = Path(__file__).parent.parent / "samples"


def test_files_are_chosen_by_hand_written_look_and_always_the_same(tmp_path: Path) -> None:
    line = "value = compute(value)\n"
    for name in ("a.py", "b.py", "c.py", "d.c"):
        (tmp_path / name).write_text(line * 200)
    (tmp_path / "short.py").write_text(line)
    (tmp_path / "wide.py").write_text("x = 1" * 1000)
    (tmp_path / "odd.py").write_bytes(b"\xff" * 4000)
    (tmp_path / "lib.min.js").write_text(line * 200)
    chosen = choose([tmp_path], 2)
    assert {language: len(files) for language, files in chosen.items()} == {"c": 1, "python": 2}
    assert choose([tmp_path], 2) == chosen
    assert choose([tmp_path / "a.py"], 2) == {"python": [tmp_path / "a.py"]}


def test_shares_are_of_what_was_typed_and_shown() -> None:
    row = Tally(characters=200, completed=50, accepted=10, shown=20, wrong=5).row()
    assert row == {
        "completed": 0.25,
        "net_saved": 0.2,
        "wrong": 0.25,
        "shown_per_100": 10.0,
        "characters": 200,
    }
    assert Tally().row()["wrong"] == 0


def test_a_file_is_typed_and_what_is_right_is_accepted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [str(_SAMPLES / name) for name in ("ring_buffer.c", "graph_search.py")]
    assert main(["bench", "replay", *paths, "--characters", "500", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["languages"]) == {"c", "python"}
    for row in report["languages"].values():
        assert 400 < row["characters"] <= 500
        assert 0 < row["completed"] < 1
        assert 0 <= row["wrong"] < 1
        assert row["net_saved"] < row["completed"]
    claims = {claim["id"]: claim for claim in report["claims"]}
    assert claims["completed_ratio"]["value"] == report["mean"]["completed"]
    assert claims["wrong_show_rate"]["value"] == report["mean"]["wrong"]


def test_nothing_to_type_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "replay", str(tmp_path)]) == 1
    assert "no hand-written source file" in capsys.readouterr().err
