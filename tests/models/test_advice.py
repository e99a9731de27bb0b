"""Which model is recommended, and where its figures come from."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from polylsp.models.advice import MEASURED, Advice, Pace, advise
from polylsp.models.cards import Card, cards

_ROOT = Path(__file__).parent.parent.parent
RESULTS, EXTENSION = _ROOT / "docs" / "results.md", _ROOT / "editors" / "vscode" / "README.md"
QUICK, SLOW = (
    Pace(20, 2.0),
    Pace(200, 12.0),
)  # Of the embedded model: two cores of a server; an old laptop.
PLENTY = 16 * 2**30


@pytest.fixture(scope="module")
def known() -> list[Card]:
    return [one for one in cards() if isinstance(one, Card)]


def best(found: list[Advice]) -> list[str]:
    return [one.card.name for one in found if one.best]


def test_a_quick_machine_is_told_of_the_model_that_is_worth_most(known: list[Card]) -> None:
    assert best(advise(known, QUICK, PLENTY)) == ["smollm2-135m"]


def test_a_slow_machine_or_one_without_memory_stays_with_the_embedded_model(
    known: list[Card],
) -> None:
    assert best(advise(known, SLOW, PLENTY)) == ["embedded"]
    assert best(advise(known, QUICK, 200 * 2**20)) == ["embedded"]


def test_nothing_is_recommended_that_nobody_measured(known: list[Card]) -> None:
    found = advise([replace(one, name=f"my-{one.name}") for one in known], QUICK, PLENTY)
    assert best(found) == []
    assert all(one.completed is None for one in found)
    assert any(one.suits for one in found)


def test_time_grows_with_size(known: list[Card]) -> None:
    found = advise(known, QUICK, None)
    assert found[0].line_ms == pytest.approx(8 * QUICK.token_ms)
    by_size = sorted(found, key=lambda one: one.card.parameters)
    assert [one.line_ms for one in by_size] == sorted(one.line_ms for one in found)
    assert not by_size[-1].suits


def test_what_a_model_is_worth_stands_in_the_results() -> None:
    rows = re.findall(
        r"^\| ([^,|]+), .*\| (0\.\d+) \| (0\.\d+) \| 0\.", RESULTS.read_text("utf-8"), re.MULTILINE
    )
    names = {"embedded": "embedded", "SmolLM2-135M": "smollm2-135m"}
    told = [
        (names[name], (float(right), float(wrong))) for name, right, wrong in rows if name in names
    ]
    for name, figures in MEASURED.items():
        assert (name, figures) in told


def test_the_extension_tells_what_a_model_is_worth() -> None:
    page = EXTENSION.read_text("utf-8")
    for completed, _ in MEASURED.values():
        assert f"completes {100 * completed:.0f} %" in page
