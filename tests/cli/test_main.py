"""The command line as a person meets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from polylsp import __version__
from polylsp.cli.__main__ import _COMMANDS, main


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"polylsp {__version__}\n"


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out) > 150


def test_nothing_to_do_is_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["fly"], ["complete", "a.py", "--wings"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
    assert "usage: polylsp" in capsys.readouterr().err


def test_errors_are_a_line_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["complete", "nowhere.py:1"]) == 1
    assert main(["complete", "nowhere"]) == 1
    assert main(["complete", f"{__file__}:1", "--model", "/nowhere"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3
    assert all(error.startswith("polylsp: ") for error in errors)


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    polylsp = subprocess.Popen(
        [sys.executable, "-m", "polylsp", "models", "list", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert polylsp.stdout
    assert polylsp.stderr
    polylsp.stdout.close()  # Before anything is written: every write will fail.
    said = polylsp.stderr.read()
    polylsp.stderr.close()
    polylsp.wait()
    assert b"Traceback" not in said
