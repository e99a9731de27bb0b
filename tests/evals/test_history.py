"""Reports as dated lines, and what is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polylsp.cli.__main__ import main
from polylsp.evals import history

ABOUT = {"processor": "one", "processors": 2, "system": "any", "python": "3", "packages": {}}


def line(date: str, bits: float) -> dict[str, Any]:
    language = {"files": 1, "bytes": 9, "bits_per_byte": bits, "bytes_per_token": 3.0}
    row = {"files": 1, "bits_per_byte": bits, "languages": {"go": {**language}}}
    row["languages"]["go"]["word_perplexity"] = None  # type: ignore[index]
    return {
        "date": date,
        "commit": "abc",
        "command": "polylsp eval perplexity",
        "benchmark": "eval perplexity",
        "machine": ABOUT,
        "models": {"mine": row},
        "bootstrap": None,
    }


def test_the_last_report_of_each_kind_is_shown_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reports.jsonl"
    lines = [line("2026-02-01T00:00", 0.75), line("2026-01-01T00:00", 1.5)]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    document = tmp_path / "document.md"
    assert main(["eval", "show", str(file), "--write", str(document)]) == 0
    told = capsys.readouterr().out
    assert told.index("mine 1.500") < told.index("mine 0.750")
    assert "| mine | 0.750 | 0.750 |" in told
    assert "commit abc; `polylsp eval perplexity`" in told
    assert "| mine | 0.750 | 0.750 |" in document.read_text(encoding="utf-8")


def test_a_file_without_reports_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "reports.jsonl").write_text("{}\n", encoding="utf-8")
    assert main(["eval", "show", str(tmp_path / "reports.jsonl")]) == 1
    assert "--append" in capsys.readouterr().err


def test_pictures_are_drawn_of_what_has_them(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (drawn,) = history.draw([line("2026-01-01T00:00", 1.5)], tmp_path / "drawn")
    assert drawn.name == "eval-perplexity.svg"
