"""`polylsp complete`: places, answers, reasons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main

_SOURCE = '''\
import os


def names(folder: str) -> list[str]:
    """The names in a folder."""
    return [entry.name for entry in os.scandir(folder)]


def first(folder: str) -> str:
    return names(
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "folders.py"
    file.write_text(_SOURCE)
    return file


def test_a_completion_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["complete", f"{file}:10"]) == 0
    assert capsys.readouterr().out.strip()


def test_everything_is_told_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["complete", f"{file}:10:18", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["suggestions"][0]["text"]
    assert 0 < told["suggestions"][0]["confidence"] <= 1
    assert told["reason"] is None
    assert told["model"] == "embedded"
    assert told["promptTokens"] > 50
    assert told["reusedTokens"] == 0
    assert set(told["milliseconds"]) == {"syntax", "context", "prompt", "engine", "suggest"}


def test_a_silence_has_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / ".env"
    secret.write_text("TOKEN=\n")
    assert main(["complete", f"{secret}:1"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "polylsp: no suggestion (secret)\n"
    assert main(["complete", f"{secret}:1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "secret"


def test_the_prompt_can_be_looked_at(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["complete", f"{file}:10", "--prompt"]) == 0
    prompt = capsys.readouterr().out
    assert prompt.startswith("<|endoftext|><|path|>folders.py\nimport os\n")
    assert prompt.endswith("    return names(\n")


def test_columns_count_characters_from_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.py"
    file.write_bytes('x = "é😀"\r\ny = len(x\r\n'.encode())
    for place in ("1:9", "2:10", "2", "3:1"):
        main(["complete", f"{file}:{place}", "--prompt"])
        assert capsys.readouterr().err == ""
    for place, problem in (
        ("1:10", "columns 1 to 9, not 10"),
        ("2:0", "columns 1 to 10, not 0"),
        ("9", "lines 1 to 3, not 9"),
        ("0", "lines 1 to 3, not 0"),
    ):
        assert main(["complete", f"{file}:{place}"]) == 1
        assert problem in capsys.readouterr().err


def test_what_is_remembered_of_a_folder_around_it_weighs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLYLSP_INDEX", str(tmp_path / "indexes"))
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    line = "marmalade_kettle = brew_orange_peel(quantity, zest=4711)\n"
    (folder / "src" / "kitchen.py").write_text("quantity = 3\n" + line * 3)
    asked = folder / "src" / "breakfast.py"
    asked.write_text("quantity = 5\nmarmalade_kettle = brew_or")
    place = f"{asked}:2"
    main(["complete", place, "--json"])
    before = json.loads(capsys.readouterr().out)["suggestions"]
    assert not before or "4711" not in before[0]["text"]
    assert main(["index", str(folder)]) == 0
    capsys.readouterr()
    assert main(["complete", place, "--json"]) == 0
    best = json.loads(capsys.readouterr().out)["suggestions"][0]
    assert best["text"] == "ange_peel(quantity, zest=4711)"
    assert best["memory"] > 0.5
    assert best["origin"].startswith("src/kitchen.py:")
