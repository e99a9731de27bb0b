"""The person at the keyboard: always the same, never quite regular, right in the end."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from polylsp.bench.replay.keys import Hand, Stroke, recorded
from polylsp.errors import PolyError

TEXT = "def total(values):\n    return sum(value for value in values if value)\n\n\n" * 40


def keys(hand: Hand) -> list[Stroke]:
    return [stroke for at in range(len(TEXT)) for stroke in hand.strokes(TEXT, at)]


def test_the_same_seed_presses_the_same_keys() -> None:
    assert keys(Hand(3)) == keys(Hand(3))
    assert keys(Hand(3)) != keys(Hand(4))


def test_typos_are_mended_and_the_cursor_comes_back() -> None:
    typed, cursor = "", 0
    for stroke in keys(Hand(5)):
        cursor += stroke.moved - stroke.erased
        typed = typed[:cursor] + stroke.text + typed[cursor + stroke.erased :]
        cursor += len(stroke.text)
    assert typed == TEXT
    pressed = keys(Hand(5))
    assert sum(stroke.erased for stroke in pressed) > 10
    assert sum(stroke.moved < 0 for stroke in pressed) > 3


def test_keys_come_in_human_time() -> None:
    hand = Hand(1)
    within = TEXT.index("return") + 3
    waits = {
        name: median(hand.strokes(TEXT, at)[-1].wait for _ in range(400))
        for name, at in (("word", within), ("begun", TEXT.index("sum")), ("line", 19))
    }
    assert 0.15 < waits["word"] < 0.2
    assert waits["word"] * 1.2 < waits["begun"] < waits["line"]


def test_speed_divides_every_delay() -> None:
    quick = [stroke.wait for stroke in keys(Hand(2, speed=10))]
    slow = [stroke.wait for stroke in keys(Hand(2))]
    assert quick == pytest.approx([wait / 10 for wait in slow])


def test_recorded_delays_are_used_in_their_order_and_again(tmp_path: Path) -> None:
    file = tmp_path / "keys.jsonl"
    file.write_text('{"time": 1000}\n{"time": 1100}\n\n{"time": 1350}\n{"time": 99000}\n')
    delays = recorded(file)
    assert delays == pytest.approx([0.1, 0.25, 2.0])
    waits = [stroke.wait for stroke in keys(Hand(2, delays=delays))]
    assert waits[:4] == pytest.approx([0.1, 0.25, 2.0, 0.1])


@pytest.mark.parametrize(
    "content", ["", '{"time": 5}', "[1, 2]", "later\n", '{"at": 1}\n{"at": 2}']
)
def test_what_is_no_recording_is_an_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.jsonl"
    file.write_text(content)
    with pytest.raises(PolyError, match="recorded keys"):
        recorded(file)
