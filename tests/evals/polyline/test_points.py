"""Where lines are to be finished."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from polylsp.evals.held import Held, held_out
from polylsp.evals.polyline.points import Kind, Point, choose

SAMPLES = Path(__file__).parent.parent.parent / "samples"


@pytest.fixture(scope="module")
def files() -> dict[str, list[Held]]:
    return held_out([SAMPLES], 5)


@pytest.fixture(scope="module")
def points(files: dict[str, list[Held]]) -> list[Point]:
    return choose(files, 9)


def test_every_language_has_its_places_of_all_three_kinds(points: list[Point]) -> None:
    languages = Counter(point.held.language for point in points)
    assert len(languages) == 11, "the sample in Ruby is too short to be held"
    assert set(languages.values()) == {9}
    assert {point.kind for point in points} == set(Kind)


def test_the_places_are_the_same_every_time_and_others_for_another_seed(
    files: dict[str, list[Held]], points: list[Point]
) -> None:
    assert choose(files, 9) == points
    assert {point.key for point in choose(files, 9, seed=8)} != {point.key for point in points}


def test_a_place_has_a_rest_of_line_that_its_document_lacks(points: list[Point]) -> None:
    for point in points:
        text, cursor = point.held.text, point.cursor
        assert text[point.offset :].startswith(point.truth)
        assert len(point.truth.strip()) >= 3
        assert cursor.line_suffix == ""
        assert cursor.typed(point.truth).snapshot.text == text
        before = cursor.line_prefix
        assert (point.kind is Kind.EMPTY) == (not before.strip())
        assert point.kind is not Kind.EMPTY or before


def test_places_stand_apart_and_in_code(points: list[Point]) -> None:
    by_file: dict[Path, list[Point]] = {}
    for point in points:
        by_file.setdefault(point.held.file, []).append(point)
    for ones in by_file.values():
        offsets = sorted(point.offset for point in ones)
        assert all(b - a >= 50 for a, b in pairwise(offsets))
    python = by_file[SAMPLES / "graph_search.py"]
    assert not any(point.cursor.line_prefix.lstrip().startswith("#") for point in python)
    assert not any(point.truth.lstrip().startswith("#") for point in python)
