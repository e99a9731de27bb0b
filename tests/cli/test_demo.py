"""`polylsp demo`: what an editor would show, of any source file."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.cli.__main__ import main

_SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.mark.parametrize("file", ["graph_search.py", "ring_buffer.c"])
def test_a_person_sees_suggestions_in_their_own_file(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", str(_SAMPLES / file), "--count", "2"]) == 0
    said = capsys.readouterr().out
    assert "server and model embedded ready" in said
    assert said.count("«") >= 3
    assert " ms)" in said
    assert "Nothing left this machine." in said


def test_a_file_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "nowhere.py"]) == 1
    assert "nowhere.py cannot be read" in capsys.readouterr().err
