"""Figures in a document."""

from __future__ import annotations

from pathlib import Path

from polylsp.bench.report import claims, table, write


def test_a_run_replaces_the_last_one_of_its_kind_and_nothing_else(tmp_path: Path) -> None:
    document = tmp_path / "results.md"
    document.write_text("# Results\n\nText.\n", encoding="utf-8")
    write(document, "engine: 160M", "| one |\n")
    write(document, "engine: SmolLM2", "| two |\n")
    text = document.read_text("utf-8").replace("\nText.\n", "\nOther text.\n")
    document.write_text(text, encoding="utf-8")
    write(document, "engine: 160M", "| \\1 three |\n")
    assert document.read_text(encoding="utf-8") == (
        "# Results\n\nOther text.\n\n## bench engine: 160M\n\n"
        "<!-- bench engine: 160M -->\n| \\1 three |\n<!-- end of bench engine: 160M -->\n\n"
        "## bench engine: SmolLM2\n\n"
        "<!-- bench engine: SmolLM2 -->\n| two |\n<!-- end of bench engine: SmolLM2 -->\n"
    )


def test_a_document_is_made_where_there_is_none(tmp_path: Path) -> None:
    write(tmp_path / "new.md", "memory: tiny", "| x |")
    assert (tmp_path / "new.md").read_text(encoding="utf-8").startswith("## bench memory: tiny\n")


def test_a_claim_that_falls_short_says_so() -> None:
    row = {"id": "speed", "value": 1.24, "target": 1.3, "holds": False, "n": 7, "model": "160M"}
    assert "| `speed` | 160M | 1.24 (falls short) | 1.3 | 7 |" in claims([row])


def test_a_table_has_its_heads_first() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
