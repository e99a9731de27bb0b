"""What suggestions were worth, by hand-made records."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.bench.replay import quality
from polylsp.bench.replay.pieces import Piece
from polylsp.bench.replay.record import Show, Typed

TEXT = "int sum(int a, int b) {\n    int c = a + b;\n    return c;\n}\n\nint more;\n"
BODY = TEXT.index("    int c")


def typed(shows: list[Show], language: str = "c", hole: bool = False) -> Typed:
    piece = Piece(Path("a.c"), language, TEXT, 0, 60, hole)
    return Typed(
        piece, first=10, last=60, shows=shows, accepts=sum(one.accepted > 0 for one in shows)
    )


def test_shares_are_of_what_was_typed_and_shown() -> None:
    shows = [Show(0, "int sum", True, accepted=7), Show(8, "(x", False), Show(9, "int", True)]
    assert quality.row([typed(shows)]) == {
        "completed": 0.1167,
        "net_saved": 0.1,
        "wrong": 0.3333,
        "accepted_of_shown": 0.3333,
        "shown_per_100": 5.0,
        "shown_per_100_keys": 6.0,
        "characters": 60,
    }
    assert quality.row([])["wrong"] == 0


def test_every_language_counts_the_same() -> None:
    right, wrong = Show(0, "int sum", True, accepted=7), Show(8, "(x", False)
    found = quality.summary([typed([right] * 3), typed([wrong], "go"), typed([wrong], "go")])
    assert set(found["languages"]) == {"c", "go"}
    assert found["mean"]["wrong"] == 0.5
    assert (found["files"], found["shown"], found["flickers"]) == (3, 5, 0)
    assert "calibration_error" not in found


def test_lines_and_blocks_are_told_apart() -> None:
    block = TEXT[BODY : TEXT.index("\n\n")]
    half = TEXT[BODY : TEXT.index("    return")] + "    return c"
    shows = [
        Show(BODY, block, True, accepted=20),
        Show(BODY, half, True),
        Show(BODY, "    x;\n    y;", False),
        Show(0, "int", True, accepted=3),
    ]
    found = quality.summary([typed(shows)])
    assert found["block"] == {
        "shown": 3,
        "completed": 0.3333,
        "wrong": 0.3333,
        "ends_with_block": 0.5,
    }
    assert found["line"] == {"shown": 1, "completed": 0.05, "wrong": 0.0}


def test_lengths_are_of_all_shows() -> None:
    assert quality.lengths([Show(0, "x" * length, True) for length in range(1, 101)]) == {
        "p10": 11,
        "p25": 26,
        "p50": 51,
        "p75": 76,
        "p90": 91,
        "p100": 100,
    }


def test_calibration_error_is_how_far_the_promise_is_from_the_outcome() -> None:
    def shows(confidence: float, right: int, of: int) -> list[Show]:
        return [Show(0, "x", index < right, confidence) for index in range(of)]

    assert quality.calibration_error(shows(0.75, 3, 4)) == 0
    assert quality.calibration_error(shows(0.75, 4, 4)) == 0.25
    # Weighted by how many are in a bin; within a bin only the mean counts.
    both = shows(0.95, 19, 20) + shows(0.55, 15, 20)
    assert quality.calibration_error(both) == pytest.approx(0.1)
    assert quality.calibration_error(shows(1.0, 1, 1)) == 0
    assert quality.calibration_error([Show(0, "x", True)]) is None
