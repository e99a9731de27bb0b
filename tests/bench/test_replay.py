"""`polylsp bench replay`: who is counted, and how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polylsp.bench.replay.files import choose
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


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["bench", "replay", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_file_is_typed_and_what_is_right_is_accepted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [str(_SAMPLES / name) for name in ("ring_buffer.c", "graph_search.py")]
    found = report(capsys, *paths, "--characters", "200", "--steady-only")
    assert set(found["languages"]) == {"c", "python"}
    for row in found["languages"].values():
        assert 100 < row["characters"] <= 200
        assert 0 < row["completed"] < 1
        assert 0 <= row["wrong"] < 1
        assert row["net_saved"] < row["completed"]
    assert "timed" not in found
    assert found["line"]["shown"] + found["block"]["shown"] == found["shown"]
    claims = {claim["id"]: claim for claim in found["claims"]}
    assert claims["completed_ratio"]["value"] == found["mean"]["completed"]
    assert claims["wrong_show_rate"]["value"] == found["mean"]["wrong"]
    assert 0 < claims["calibration_error"]["value"] < 1


def test_the_same_is_typed_in_human_time_and_beside_whole_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = str(_SAMPLES / "ring_buffer.c")
    quick = ("--characters", "80", "--speed", "40", "--client", "vscode")
    found = report(capsys, path, *quick, "--whole-lines")
    row = found["timed"]["vscode"]
    assert found["model"] == "embedded"
    assert 0 < row["asked"] <= row["keys"]
    assert row["languages"]["c"]["characters"] == found["languages"]["c"]["characters"]
    assert row["client_delay_ms"] == 1.5
    assert found["whole_line"]["mean"]["wrong"] > found["mean"]["wrong"]
    claims = {claim["id"] for claim in found["claims"]}
    assert {"completed_vs_whole_line", "wrong_vs_whole_line", "flickers"} <= claims
    assert "show_p95_ms" not in claims, "nobody types like that"


def test_figures_are_shown_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(_SAMPLES / "ring_buffer.c")
    options = ("--timed-only", "--timed-characters", "60", "--speed", "40", "--client", "neovim")
    assert main(["bench", "replay", path, *options]) == 0
    shown = capsys.readouterr().out
    assert "neovim" in shown
    assert "key to item p50" in shown


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (("--rivals", "naive"), "--weights"),
        (("--speed", "0"), "above 0"),
        (("--plot", "replay.doc"), "a picture ends in"),
        (("--delays", "no-such-file"), "no recorded keys"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_typing(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], remedy: str
) -> None:
    assert main(["bench", "replay", str(_SAMPLES), *options]) == 1
    assert remedy in capsys.readouterr().err


def test_nothing_to_type_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "replay", str(tmp_path)]) == 1
    assert "no hand-written source file" in capsys.readouterr().err
    assert main(["bench", "replay"]) == 1
    assert "nothing to type" in capsys.readouterr().err
