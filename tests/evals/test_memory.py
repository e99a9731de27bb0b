"""The report: what it claims, what is left out in it, and the picture of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polylsp.evals import memory, picture
from polylsp.evals.fit import fitted
from polylsp.evals.positions import Positions
from polylsp.models.registry import Model


@pytest.fixture(scope="module")
def report(embedded: Model, positions: Positions) -> dict[str, Any]:
    return memory.worth(positions, embedded.mixture.gate)


def test_memory_says_more_the_more_it_knows(report: dict[str, Any]) -> None:
    bits = report["languages"]["python"]["bits_per_byte"]
    assert bits["model"] > bits["document"] > bits["everything"]
    assert report["mean"] == report["languages"]["python"], "the mean of one language"
    assert report["mean"]["gain"] == pytest.approx(bits["model"] / bits["everything"], abs=1e-3)
    assert report["twins"] == {"shop/first.py": ("copy.py",)}


def test_every_source_and_every_row_is_left_out_once(
    report: dict[str, Any], positions: Positions
) -> None:
    rows = ["row bias", "row length", "row evidence", "row surety"]
    assert list(report["without"]) == ["above", "below", "open", "workspace", *rows]
    assert report["without"]["workspace"]["over"] > 1.02
    assert not report["refitted"]
    anew = memory.worth(positions, fitted([positions]), positions)
    assert anew["refitted"]
    assert anew["without"]["workspace"]["over"] > 1.02
    assert anew["without"]["row length"] != report["without"]["row length"]


def test_what_is_promised_depends_on_the_model(report: dict[str, Any]) -> None:
    lines = {
        "10": {"token_p95_ms": 0.1, "block_token_p95_ms": 0.1, "key_p50_ms": 10.0},
        "1000": {"token_p95_ms": 0.2, "block_token_p95_ms": 0.4, "key_p50_ms": 10.5},
    }
    cost = {"tokens": 9, "keys": 7, "lines": lines}
    claims = {one.id: one for one in memory.claims("embedded", report, cost)}
    assert claims["memory_bits_gain"].target == 1.24
    assert claims["memory_bits_gain"].value == report["mean"]["gain"]
    assert claims["memory_token_p95_ms"].holds
    assert not claims["memory_block_token_p95_ms"].holds
    assert claims["memory_latency_growth"].value == pytest.approx(1.05)
    others = {one.id: one for one in memory.claims("other", report, None)}
    assert others["memory_bits_gain"].target == 1.20
    assert set(others) == {"memory_bits_gain", "online_bits", "online_bits_worst"}


def test_a_page_is_drawn(tmp_path: Path, report: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "memory.svg"
    picture.draw({"models": {"embedded": report, "another": report}}, file)
    assert "another" in file.read_text(encoding="utf-8")
