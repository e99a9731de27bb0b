"""How soon and at what cost, by hand-made keys."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from polylsp.bench.replay import timing
from polylsp.bench.replay.contestant import Press
from polylsp.bench.replay.pieces import Piece
from polylsp.bench.replay.record import Typed

FILE = Path("a.py")


class Contestant:
    name, delay = "someone", 0.06

    def __init__(self, presses: list[Press]) -> None:
        self.presses = presses


def typed(last: int, hole: bool = False, **more: Any) -> Typed:
    piece = Piece(FILE, "python", "x" * 500, 0, 500, hole)
    return Typed(piece, last=last, **more)


def summary(presses: list[Press], ones: list[Typed], offered: set[int] = frozenset()) -> Any:  # type: ignore[assignment]
    return timing.summary(Contestant(presses), ones, {FILE: offered})  # type: ignore[arg-type]


def test_time_counts_from_the_key_and_beyond_the_clients_own_delay() -> None:
    presses = [
        Press(0.0, 1, asked=0.06, answered=0.07, text="abc"),
        Press(0.2, 2, asked=0.26, answered=0.36, text="bc", typed_through=True),
        Press(0.4, 3, asked=0.46, answered=0.47),  # Nothing to show is not late.
        Press(0.6, 4, asked=0.66),
        Press(0.7, 5),
    ]
    found = summary(presses, [typed(5)])
    assert (found["keys"], found["asked"], found["items"]) == (5, 4, 2)
    assert found["unanswered"] == 0.25
    assert (found["new_items"], found["key_to_item_p50_ms"], found["show_p95_ms"]) == (1, 70, 10)
    assert found["key_to_any_item_p95_ms"] == 160, "what was on the screen already is one, too"
    assert (found["typed_through"], found["typed_through_p95_ms"]) == (1, 100)
    assert found["quantiles_ms"][0] == pytest.approx(70)
    assert found["quantiles_ms"][-1] == pytest.approx(70)


def test_an_answer_counts_if_it_is_there_before_the_next_key() -> None:
    presses = [
        Press(0.0, 1, asked=0.06, answered=0.07, text="a"),  # In time.
        Press(0.2, 2, asked=0.26, answered=0.5, text="b"),  # Too late.
        Press(0.4, 3, asked=0.46),  # Never.
        Press(0.6, 4, asked=0.66, answered=0.67, text="c"),  # Where the steady run has nothing.
        Press(0.8, 5),  # Not asked for.
        Press(1.0, 6, asked=1.06, answered=1.07, text="d"),  # In a text that never was.
        Press(1.2, 7, asked=1.26, answered=9.0, text="e"),  # There is no next key.
    ]
    found = summary(presses, [typed(7, astray={5})], {1, 2, 3, 5, 6, 7})
    assert found["before_next_key_of"] == 4
    assert found["before_next_key"] == 0.5
    assert "before_next_key" not in summary(presses, [typed(7)])


def test_the_processor_is_counted_by_characters_and_by_time() -> None:
    ones = [typed(0, cpu_seconds=2.0, seconds=10.0), typed(0, cpu_seconds=1.0, seconds=20.0)]
    found = summary([], ones)
    assert (found["cpu_seconds_per_1000"], found["cores_while_typing"]) == (3.0, 0.1)
    assert "cores_while_typing" not in summary([], [typed(0, cpu_seconds=math.nan)])


def test_counters_are_told_by_what_they_grew_and_left_out_where_nobody_counts() -> None:
    before = {"answers": 10, "shown": 5, "earlier": 5, "hitRate": 1.0, "promptTokens": 100}
    before |= {"reusedTokens": 0, "generatedTokens": 50, "wastedTokens": 50}
    after = {"answers": 30, "shown": 15, "earlier": 13, "hitRate": 0.5, "promptTokens": 1100}
    after |= {"reusedTokens": 980, "generatedTokens": 150, "wastedTokens": 60}
    found = summary([], [typed(0, before=before, after=after)])
    assert found["without_a_pass"] == 0.25
    assert found["answered_from_earlier"] == 0.8
    assert (found["kv_reuse"], found["kv_reuse_tokens"]) == (0.98, 1000)
    assert found["cancelled_work"] == 0.1
    assert "kv_reuse_hole" not in found
    hole = summary([], [typed(0, hole=True, before=before, after=after)])
    assert hole["kv_reuse_hole"] == 0.98
    assert "kv_reuse" not in hole
    assert "kv_reuse" not in summary([], [typed(0, after={"tokens": 3})])
