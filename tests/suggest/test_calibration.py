"""From what the model says to how often it is right, and back."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.suggest.calibration import AT_ITS_WORD, Calibration, Curve
from polylsp.types import Mode

BOLD = Curve(((0.5, 0.2), (0.9, 0.6), (0.99, 0.95)))  # Says more than it is right.
POINTS = [[0.5, 0.2], [0.9, 0.6]]
# Of two that are nearer than a float can tell apart the inverse is one of them.
_SHARES = st.integers(1, 1000).map(lambda thousandths: thousandths / 1000)
_CURVES = st.lists(st.tuples(_SHARES, _SHARES), min_size=1, max_size=12).map(
    lambda pairs: list(
        zip(sorted({x for x, _ in pairs}), sorted({y for _, y in pairs}), strict=False)
    )
)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.4, 0.65, 1.0])
def test_a_model_of_which_nothing_was_measured_is_taken_at_its_word(
    mode: Mode, share: float
) -> None:
    assert AT_ITS_WORD.right(share, mode) == pytest.approx(share)
    assert AT_ITS_WORD.raw(share, mode) == pytest.approx(share)


def test_between_points_a_curve_is_straight() -> None:
    assert BOLD.right(0.5) == pytest.approx(0.2)
    assert BOLD.right(0.7) == pytest.approx(0.4)
    assert BOLD.raw(0.4) == pytest.approx(0.7)


def test_below_its_points_a_curve_goes_to_nothing_and_above_them_it_is_level() -> None:
    assert BOLD.right(0.25) == pytest.approx(0.1)
    assert BOLD.right(0.0) == 0
    assert BOLD.right(1.0) == BOLD.right(0.99) == pytest.approx(0.95)


def test_what_a_model_is_never_is_asked_of_it_in_vain() -> None:
    assert BOLD.raw(0.96) == math.inf
    assert BOLD.raw(0.95) == pytest.approx(0.99)
    assert BOLD.raw(0.0) == 0


def test_lines_and_blocks_have_curves_of_their_own() -> None:
    calibration = Calibration(line=BOLD)
    assert calibration.right(0.7, Mode.LINE) == pytest.approx(0.4)
    assert calibration.right(0.7, Mode.BLOCK) == pytest.approx(0.7)
    assert calibration.raw(0.4, Mode.LINE) == pytest.approx(0.7)
    assert calibration.raw(0.4, Mode.BLOCK) == pytest.approx(0.4)


@given(points=_CURVES, one=st.floats(0, 1), other=st.floats(0, 1))
def test_a_curve_never_falls_and_its_inverse_is_one(
    points: list[tuple[float, float]], one: float, other: float
) -> None:
    curve = Curve.parse([list(point) for point in points])
    low, high = sorted((one, other))
    assert 0 <= curve.right(low) <= curve.right(high) <= 1
    assert curve.raw(low) <= curve.raw(high)
    asked = curve.raw(one)
    if asked == math.inf:
        assert curve.right(1.0) < one
    else:
        assert curve.right(asked) == pytest.approx(one, abs=1e-6)


def test_what_is_written_is_read_again() -> None:
    calibration = Calibration(BOLD, Curve(((0.3, 0.4),)))
    assert Calibration.parse(json.loads(json.dumps(calibration.data()))) == calibration


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "does not hold a curve for lines"),
        ({"format": 1, "line": POINTS}, "does not hold a curve for lines"),
        ({"line": POINTS, "block": POINTS}, "does not hold a curve for lines"),
        ({"format": 2, "line": POINTS, "block": POINTS}, "its format is 2, this version reads 1"),
        ({"format": 1, "line": [], "block": POINTS}, "a list of up to 100 points"),
        ({"format": 1, "line": "steep", "block": POINTS}, "a list of up to 100 points"),
        ({"format": 1, "line": POINTS * 51, "block": POINTS}, "a list of up to 100 points"),
        ({"format": 1, "line": POINTS[::-1], "block": POINTS}, "points must rise"),
        ({"format": 1, "line": [[0.5, 0.5], [0.5, 0.6]], "block": POINTS}, "points must rise"),
        ({"format": 1, "line": [[0.5, 0.5], [0.6, 0.5]], "block": POINTS}, "points must rise"),
        ({"format": 1, "line": [[0.5, 1.5]], "block": POINTS}, "no pair of probabilities"),
        ({"format": 1, "line": [[math.nan, 0.5]], "block": POINTS}, "no pair of probabilities"),
        ({"format": 1, "line": [[0.5]], "block": POINTS}, "no pair of probabilities"),
        ({"format": 1, "line": POINTS, "block": [{}]}, "no pair of probabilities"),
    ],
)
def test_what_is_no_calibration_is_told(data: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Calibration.parse(data)
