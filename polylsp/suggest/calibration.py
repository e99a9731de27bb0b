"""How often a model is right when it says how likely a text is: raw probability → probability of being right.

A curve for each mode, rising, straight between a few measured points; `polylsp bench calibrate` measures them.
A model of which nothing was measured is taken at its word.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from polylsp.types import Mode

FORMAT = 1  # Of the file; raised when an older polylsp could not use a newer one.
_MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (raw, right), both rising. Below the first it goes straight to 0, above the last it is level."""

    points: tuple[tuple[float, float], ...] = ((1.0, 1.0),)

    def right(self, raw: float) -> float:
        """The probability of being right where the model says `raw`."""
        x, y = 0.0, 0.0
        for next_x, next_y in self.points:
            if raw <= next_x:
                # No rounding may take it past the next point.
                return min(next_y, y + (next_y - y) * max(0.0, raw - x) / (next_x - x))
            x, y = next_x, next_y
        return y

    def raw(self, right: float) -> float:
        """The least that the model must say to be right with probability `right`; infinite if it never is."""
        rights = [0.0, *(y for _, y in self.points)]
        at = bisect_left(rights, right)
        if at == len(rights):
            return math.inf
        if at == 0:
            return 0.0
        (x, y), (next_x, next_y) = ((0.0, 0.0), *self.points)[at - 1 : at + 1]
        return x + (next_x - x) * (right - y) / (next_y - y)

    @classmethod
    def parse(cls, data: Any) -> Curve:
        """The curve through a list of pairs. Raises ValueError."""
        if not (isinstance(data, list) and 0 < len(data) <= _MOST_POINTS):
            raise ValueError(f"a curve is a list of up to {_MOST_POINTS} points")
        points = tuple(map(_point, data))
        if any(a >= c or b >= d for (a, b), (c, d) in pairwise(((0.0, 0.0), *points))):
            raise ValueError("a curve's points must rise")
        return cls(points)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The curves of one model."""

    line: Curve = Curve()
    block: Curve = Curve()

    def right(self, raw: float, mode: Mode) -> float:
        """The probability that a text is right which the model gives the probability `raw`."""
        return self._curve(mode).right(raw)

    def raw(self, right: float, mode: Mode) -> float:
        """The inverse: what the model must say at least; infinite where it is never that often right."""
        return self._curve(mode).raw(right)

    def _curve(self, mode: Mode) -> Curve:
        return self.block if mode is Mode.BLOCK else self.line

    @classmethod
    def parse(cls, data: Any) -> Calibration:
        """What `data` was written from. Raises ValueError, which tells what is wrong with it."""
        match data:
            case {"format": 1, "line": line, "block": block}:
                return cls(Curve.parse(line), Curve.parse(block))
            case {"format": other} if other != FORMAT:
                raise ValueError(f"its format is {other!r}, this version reads {FORMAT}")
        raise ValueError("it does not hold a curve for lines and one for blocks")

    def data(self) -> Mapping[str, Any]:
        """As JSON has it."""
        line, block = ([list(point) for point in one.points] for one in (self.line, self.block))
        return {"format": FORMAT, "line": line, "block": block}


AT_ITS_WORD = Calibration()


def _point(data: Any) -> tuple[float, float]:
    match data:
        case [int() | float() as x, int() | float() as y] if 0 < x <= 1 and 0 < y <= 1:
            return float(x), float(y)
    raise ValueError(f"{data!r} is no pair of probabilities")
