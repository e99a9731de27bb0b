"""`polylsp eval memory`, and the weights it fits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main
from polylsp.models.registry import load_model
from polylsp.models.resolve import EMBEDDED
from tests.evals.conftest import write_package

READ = ["--tokens", "30", "--context", "40", "--files", "2"]


def test_what_was_read_once_is_fitted_to_kept_and_reported_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package, keep = write_package(tmp_path / "shop"), tmp_path / "keep"
    model = shutil.copytree(EMBEDDED, tmp_path / "model")
    asked = ["eval", "memory", str(package), *READ, "--model", str(model), "--keep", str(keep)]
    before = load_model(str(model)).mixture
    assert main([*asked, "--fit", "--write", "--to", str(tmp_path / "any.json"), "--json"]) == 0
    fitted = json.loads(capsys.readouterr().out)
    after = load_model(str(model)).mixture
    assert after.gate.rows != before.gate.rows
    assert after.calibration == before.calibration
    written = json.loads((tmp_path / "any.json").read_text(encoding="utf-8"))
    assert written["weights"] == after.gate.data()
    assert written["measured"]["files"] == 2
    (kept,) = keep.iterdir()
    since = kept.stat().st_mtime_ns
    assert main([*asked, "--no-cost", "--json", "--check"]) in (0, 1)
    report = json.loads(capsys.readouterr().out)
    assert kept.stat().st_mtime_ns == since
    assert [kept] == list(keep.iterdir()), "nothing was read again"
    row = report["models"]["embedded"]
    assert row["mean"]["bits_per_byte"] == fitted["models"]["embedded"]["bits_per_byte"]
    assert {one["id"] for one in report["claims"]} >= {"memory_bits_gain", "online_bits"}
    assert main([*asked, "--no-cost"]) == 0
    told = capsys.readouterr().out
    assert "without workspace" in told
    assert "memory_bits_gain (embedded)" in told


def test_what_does_not_go_together_is_said_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong, said in (
        (["--write"], "--fit"),
        (["--fit", "--write", "--model", "a", "b"], "--to"),
        (["--tokens", "0"], "above 0"),
        (["--plot", "a.txt"], ".png"),
    ):
        assert main(["eval", "memory", str(tmp_path), *wrong]) == 1
        assert said in capsys.readouterr().err


def test_bits_are_measured_appended_and_held_against_other_losses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package, losses = write_package(tmp_path / "shop"), tmp_path / "losses.jsonl"
    reports = tmp_path / "reports.jsonl"
    asked = ["eval", "perplexity", str(package), "--files", "1", "--characters", "300"]
    asked += ["--no-words", "--append", str(reports)]
    assert main([*asked, "--losses", str(losses)]) == 0
    assert "bits per byte" in capsys.readouterr().out
    assert main([*asked, "--against", str(losses), "--json", "--check"]) == 1
    report = json.loads(capsys.readouterr().out)
    gain = next(one for one in report["claims"] if one["id"] == "bits_gain_vs_bootstrap")
    assert abs(gain["value"]) < 1e-4, "nothing is gained over itself"
    first, second = map(json.loads, reports.read_text(encoding="utf-8").splitlines())
    assert first["date"] <= second["date"]
    assert first["models"] == second["models"]
    assert first["command"].startswith("polylsp ")


def test_lines_are_finished_and_the_context_is_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = str(write_package(tmp_path / "shop"))
    asked = ["eval", "polyline", package, "--points", "1", "--keep", str(tmp_path / "kept")]
    assert main([*asked, "--ways", "prefix"]) == 0
    assert "| embedded, prefix |" in capsys.readouterr().out
    assert main([*asked, "--trial", "--json", "--check"]) in (0, 1)
    report = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in report["claims"]] == ["context_gain"]
    assert "without neighbour" in report["models"]["embedded"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["perplexity", ".", "--files", "0"], "above 0"),
        (["perplexity", ".", "--against", "none.jsonl"], "--losses"),
        (["polyline", ".", "--points", "0"], "above 0"),
        (["polyline", ".", "--ways", "sideways"], "prefix, suffix, memory"),
        (["polyline", ".", "--trial", "--ways", "built"], "naive"),
        (["polyline", ".", "--append", "no/such/folder/file"], "no folder"),
        (["infilling", "none.jsonl"], "holds no tasks"),
        (["infilling", "none.jsonl", "--seconds", "0"], "above 0"),
    ],
)
def test_what_cannot_be_measured_is_said_at_once(
    wrong: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", *wrong]) == 1
    assert said in capsys.readouterr().err
