"""`polylsp bench keystroke`: the counts, not the times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main

_SOURCE = """\
def area(width, height):
    return width * height


def perimeter(width, height):
    return 2 * (width + height)


"""


def test_every_key_is_asked_at_and_a_sample_without_caches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shapes.py"
    file.write_text(_SOURCE)
    code = main(["bench", "keystroke", str(file), "--sampled", "20", "--json"])
    assert code == 0
    report = json.loads(capsys.readouterr().out)
    lines = _SOURCE.splitlines(keepends=True)
    typed = len("".join(lines[4:])) + len("".join(lines[2:6]))
    assert report["with_caches"]["requests"] == typed
    plain = report["same_requests_without"]
    assert plain["requests"] == report["same_requests_with_caches"]["requests"] >= 20
    assert (plain["hits"], plain["reused_share"]) == (0, 0)
    assert report["with_caches"]["reused_share"] > 0.5
    ids = [claim["id"] for claim in report["claims"]]
    assert ids == ["typed_through_p95_ms", "kv_reuse", "p95_vs_no_caches"]
    assert report["file"] == "shapes.py"


def test_what_cannot_be_typed_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert main(["bench", "keystroke", str(tmp_path / "notes.txt")]) == 1
    assert main(["bench", "keystroke", str(tmp_path / "none.py")]) == 1
    said = capsys.readouterr().err
    assert "in none of the twelve languages" in said
    assert "cannot be read" in said
