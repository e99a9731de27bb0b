"""`polylsp export` as a person runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main
from polylsp.engine.load import load
from polylsp.export import compare as comparing
from tests import tinies

SOURCES = Path(__file__).parents[2] / "polylsp/cli"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tinies.checkpoint(tmp_path / "source")


def test_a_checkpoint_becomes_a_model_called_after_its_folder(source: Path, tmp_path: Path) -> None:
    destination = tmp_path / "poly"
    assert main(["export", str(source), str(destination), "--licence", "MIT"]) == 0
    about = json.loads((destination / "polylsp.json").read_text(encoding="utf-8"))
    assert (about["name"], about["licence"], about["weights"]) == ("poly", "MIT", "int8-b32")
    assert load(destination).tape().extend([5]).shape == (1, tinies.vocab_size())


def test_all_that_can_be_said_is_heard(source: Path, tmp_path: Path) -> None:
    settings = ["--weights", "int4", "--block", "16", "--context", "50", "--name", "other"]
    command = ["export", str(source), str(tmp_path / "model"), *settings, "--show-suffix"]
    assert main(command) == 0
    about = json.loads((tmp_path / "model/polylsp.json").read_text(encoding="utf-8"))
    assert (about["name"], about["weights"]) == ("other", "int4-b16")
    assert about["engine"]["context"] == 50
    assert about["prompt"]["use_suffix"] is True


def test_a_comparison_can_be_read_by_programs(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(comparing, "_ROUNDS", 1)
    command = ["export", str(source), str(tmp_path / "model"), "--compare", str(SOURCES)]
    assert main([*command, "--positions", "200", "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["weights"] == "int8-b32"
    assert found["positions"] >= 200
    assert 0.9 < found["top1"] <= 1
    assert "compared " in said.err


def test_a_comparison_can_be_read_by_people(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(comparing, "_ROUNDS", 1)
    command = ["export", str(source), str(tmp_path / "model"), "--weights", "fp32"]
    assert main([*command, "--compare", str(SOURCES), "--positions", "100"]) == 0
    lines = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert (lines["weights"], lines["top1"]) == ("fp32", "1.0000")


def test_nothing_to_compare_on_is_told_before_anything_is_written(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    command = ["export", str(source), str(tmp_path / "model")]
    assert main([*command, "--compare", str(tmp_path / "empty")]) == 1
    assert "no source file in the twelve languages" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_a_failure_is_one_line_and_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tmp_path / "missing"), str(tmp_path / "model")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("polylsp: ")
    assert said.count("\n") == 1


def test_another_architecture_is_sent_through_optimum(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "optimum.exporters.onnx", None)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "gpt2"}
    (source / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert main(["export", str(source), str(tmp_path / "model")]) == 1
    said = capsys.readouterr().err
    assert "a 'gpt2' model" in said
    assert "pip install 'polylsp[optimum]'" in said


@pytest.mark.parametrize("missing", ["onnx"])
def test_without_the_export_extra_the_remedy_is_named(
    source: Path,
    tmp_path: Path,
    missing: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in [name for name in sys.modules if name.startswith("polylsp.export")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["export", str(source), str(tmp_path / "model")]) == 1
    said = capsys.readouterr().err
    assert f"exporting needs {missing.partition('.')[0]}" in said
    assert "pip install 'polylsp[export]'" in said


@pytest.mark.parametrize("wrong", [["--block", "48"], ["--weights", "int2"], ["--context", "x"]])
def test_what_cannot_be_meant_is_not_understood(source: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["export", str(source), "model", *wrong])
    assert caught.value.code == 2


@pytest.mark.heavy
@pytest.mark.optimum
def test_a_gpt2_is_exported_compared_and_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(comparing, "_ROUNDS", 1)
    source = tinies.gpt2(tmp_path / "source")
    command = ["export", str(source), str(tmp_path / "model"), "--compare", str(SOURCES)]
    assert main([*command, "--positions", "200", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["top1"] > 0.9
