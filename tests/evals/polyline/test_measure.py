"""Figures of answers, what they claim, and what the bootstrap said at the same places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polylsp.evals.polyline import claims, known, picture
from polylsp.evals.polyline.asking import Asking, Plan
from polylsp.evals.polyline.measure import report as measured
from polylsp.evals.polyline.points import Point
from polylsp.evals.polyline.score import Score
from polylsp.evals.polyline.summary import Scored, compared, precision, summary
from polylsp.evals.polyline.table import table
from tests.evals.conftest import write_package


def scored(right: str, confidence: float = 0.5) -> list[Scored]:
    """Places in two packages that were right or not."""
    return [
        Scored("go", "ab"[at % 2], "empty", Score(float(one), 0.5, 0.5, 1), confidence, 9)
        for at, one in enumerate(right)
    ]


def test_precision_is_of_the_surest(tmp_path: Path) -> None:
    found = [*scored("11", 0.9), *scored("00000000", 0.1)]
    assert precision(found, 20) == 1
    assert precision(found, 40) == 0.5
    row = summary(found)
    assert row["exact"] == 0.2
    assert row["calibration_error"] == pytest.approx(0.2 * 0.1 + 0.8 * 0.1)
    assert row["languages"]["go"]["points"] == 10


def test_what_is_promised_of_a_model(tmp_path: Path) -> None:
    found = {"prefix": scored("1100"), "suffix": scored("1111"), "memory": scored("1110")}
    bootstrap = {"prefix": [1.0, 0.0, 0.0, 0.0]}
    made = claims.model("mine", found, {"copy": scored("0000")}, bootstrap)
    held = {claim.id: claim for claim in made}
    assert held["exact_over_bootstrap"].value == 2
    assert held["exact_over_bootstrap"].target == 1.12
    assert held["exact_above_copy_low"].holds
    assert (
        held["exact_with_suffix_low"].value
        == compared(found["suffix"], found["prefix"])["interval"][0]
    )
    assert held["precision_gain_20"].value == pytest.approx(1 / 0.75, abs=1e-3)
    assert "exact_over_bootstrap_memory" not in held


def test_the_context_must_be_worth_more_than_the_last_characters() -> None:
    found = {"built": scored("1110"), "naive": scored("1100")}
    (claim,) = claims.trial({"mine": found})
    assert claim.id == "context_gain"
    assert claim.value == 1.5
    assert claim.holds


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    folder = tmp_path_factory.mktemp("measured")
    package = write_package(folder / "shop")
    return Asking([package], Plan(["embedded"], points=2), folder / "kept")


@pytest.fixture(scope="module")
def report(asking: Asking) -> dict[str, Any]:
    return measured(asking, ["shop"])


def test_models_and_baselines_are_asked_at_the_same_places(report: dict[str, Any]) -> None:
    ways = report["models"]["embedded"]
    assert list(ways) == ["prefix", "suffix", "memory"]
    assert list(report["baselines"]) == ["6-gram", "copy"]
    assert all(row["points"] == 2 for row in (*ways.values(), *report["baselines"].values()))
    assert "embedded: memory over 6-gram" in report["compared"]
    ids = {claim["id"] for claim in report["claims"]}
    assert {"exact_above_6gram_low", "exact_above_copy_low", "precision_gain_20"} <= ids


def test_a_report_is_shown_and_drawn(report: dict[str, Any], tmp_path: Path) -> None:
    assert "| embedded, memory |" in table(report)
    pytest.importorskip("matplotlib")
    picture.draw(report, tmp_path / "lines.svg")
    assert "embedded, suffix" in (tmp_path / "lines.svg").read_text(encoding="utf-8")


def test_what_the_bootstrap_said_is_found_by_the_text_of_a_file(
    asking: Asking, tmp_path: Path
) -> None:
    points: list[Point] = asking.points
    file = tmp_path / "known.json.gz"
    known.write(points, {"prefix": scored("10")}, file)
    right = known.read(file)["prefix"]
    assert [right[point.key] for point in points] == [1, 0]
    assert known.read(tmp_path / "none.json.gz") == {}
