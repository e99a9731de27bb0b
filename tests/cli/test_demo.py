"""`polylsp demo --record`, and what it does where there is no terminal. The screen: tests/demo."""

from __future__ import annotations

import re

import pytest

from polylsp.cli.__main__ import main

_TIMES = re.compile(r"\d+ ms|[\d.]+ s\b")


def test_without_a_terminal_it_prints_what_would_be_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["demo", "--count", "2"]) == 0  # Tests have no terminal.
    said = capsys.readouterr()
    assert "server and model embedded ready" in said.out
    assert said.out.count("  │ ") > said.out.count("«") >= 4
    assert "so says the file" in said.out
    assert re.search(r"\(\d+ ms, read \d+ tokens?, said \d+\)", said.out)
    assert re.search(r"still there \(\d+ ms, from cache\)", said.out)
    assert "Nothing left this machine." in said.out
    assert re.fullmatch("polylsp: the full screen needs a terminal; .+\n", said.err)


@pytest.mark.editors
def test_the_record_is_the_same_every_time_but_for_the_latencies(
    capsys: pytest.CaptureFixture[str],
) -> None:
    records = []
    for _ in range(2):
        assert main(["demo", "--record"]) == 0
        said = capsys.readouterr()
        assert not said.err
        records.append(_TIMES.sub("…", said.out))
    assert records[0] == records[1]


def test_a_file_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "nowhere.py"]) == 1
    assert "nowhere.py cannot be read" in capsys.readouterr().err


def test_without_textual_it_names_the_remedy_and_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from polylsp.cli import demo

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert demo._why_plain() is None
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install 'polylsp[demo]'" in str(demo._why_plain())
    monkeypatch.setenv("TERM", "dumb")
    assert "needs a terminal" in str(demo._why_plain())
