"""What a real server keeps of an editor's typing, and what `polylsp stats` shows of it afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import INVOKED, Editor
from tests.e2e.conftest import Start

SOURCE = "import os\n\n\ndef read(path):\n    with open("
ON = {"stats": {"enabled": True}}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "statistics.db"
    monkeypatch.setenv("POLYLSP_STATISTICS", str(chosen))
    return chosen


def seen(editor: Editor, name: str) -> tuple[str, str]:
    """A document, and what is suggested at its end."""
    uri = f"file:///code/secret_{name}.py"
    editor.open(uri, "python", SOURCE)
    text = editor.complete(uri, len(SOURCE), INVOKED)[0]
    assert len(text) > 3
    return uri, text


def put_in(editor: Editor, uri: str, *parts: str) -> None:
    for part in parts:
        end = len(editor.documents[uri])
        editor.replace(uri, end, end, part)


def stats() -> dict[str, Any]:
    command = [sys.executable, "-m", "polylsp", "stats", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_what_became_of_suggestions_is_told_and_kept(start: Start, file: Path) -> None:
    editor = start({**ON, "suggest": {"candidates": 1}})
    editor.wait_until_ready()
    uri, text = seen(editor, "whole")
    put_in(editor, uri, text)
    editor.command("polylsp.accepted", len(text))
    uri, text = seen(editor, "part")
    put_in(editor, uri, text[:3], "\x00")
    uri, text = seen(editor, "typed")
    put_in(editor, uri, *text)
    uri, text = seen(editor, "against")
    put_in(editor, uri, "\x00")
    uri, text = seen(editor, "left")
    editor.close(uri)
    expected = {"shown": 5, "accepted": 1, "partly": 1, "typedOut": 1, "against": 1}
    figures = editor.status()["statistics"]["today"]
    assert {name: figures[name] for name in expected} == expected
    assert figures["medianMilliseconds"] > 0
    assert editor.quit() == 0
    report = stats()
    assert {name: report["total"][name] for name in expected} == expected
    assert (figures["dismissed"], report["total"]["dismissed"]) == (1, 1)
    assert {row["language"] for row in report["rows"]} == {"python"}
    # Numbers only.
    content = file.read_bytes()
    assert b"secret" not in content
    assert b"open" not in content


def test_two_servers_lose_nothing(start: Start) -> None:
    editors = [start(ON), start(ON)]
    for editor in editors:
        editor.wait_until_ready()
        seen(editor, "a")
    for editor in editors:
        assert editor.quit() == 0
    assert stats()["total"]["shown"] == 2


def test_nobody_is_counted_who_only_acts_as_an_editor(start: Start, file: Path) -> None:
    """Benchmarks and the demonstration type, too; so do these tests."""
    editor = start()
    editor.wait_until_ready()
    seen(editor, "a")
    assert editor.status()["statistics"] is None
    assert editor.quit() == 0
    assert not file.exists()


def test_an_editor_that_just_goes_leaves_its_numbers(start: Start) -> None:
    editor = start(ON)
    editor.wait_until_ready()
    seen(editor, "a")
    assert editor.connection.process.stdin is not None
    editor.connection.process.stdin.close()
    editor.connection.process.wait(20)
    assert stats()["total"]["shown"] == 1


def test_a_place_that_cannot_be_written_to_costs_numbers_only(start: Start, file: Path) -> None:
    file.mkdir()
    editor = start(ON)
    editor.wait_until_ready()
    seen(editor, "a")
    assert editor.status()["statistics"]["today"]["shown"] == 1
    assert editor.quit() == 0
