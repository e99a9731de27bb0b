"""What people see of the counts: honest bars, in whatever width and letters there are."""

from __future__ import annotations

from collections import Counter

import pytest

from polylsp.journal.chart import lines
from polylsp.journal.counts import Counts, Key, bucket

TODAY = "2026-11-26"


def counts() -> Counts:
    python = Key(TODAY, "python", "embedded", "line")
    go = Key("2026-11-24", "go", "embedded", "block")
    return {
        python: Counter(
            {"shown": 40, "accepted": 20, "against": 20, "characters": 1234, bucket(12): 40}
        ),
        go: Counter(
            {"shown": 10, "partly": 5, "typedOut": 5, "looked15s": 4, "survived15s": 3}
            | {"unchanged15s": 1}
        ),
    }


def line(start: str, seen: list[str]) -> str:
    [found] = [one for one in seen if one.startswith((start, f"  {start}"))]
    return found


def test_each_outcome_has_its_count_its_share_and_its_bar() -> None:
    seen = list(lines(counts(), TODAY, 30, plain=True))
    assert seen[0] == "50 suggestions shown"
    assert line("accepted  ", seen).split() == ["accepted", "20", "40%", "#" * 18]
    assert line("typed against", seen).endswith("40% " + "#" * 18)
    assert not any(one.endswith(" ") for one in seen)
    assert line("dismissed", seen).split() == ["dismissed", "0", "0%"]


def test_facts_are_told_in_words() -> None:
    seen = list(lines(counts(), TODAY, 30))
    assert "1,234 characters put in without typing" in seen
    assert "after 15 seconds: 75% still there, 25% unchanged" in seen
    assert not any("2 minutes" in one for one in seen)
    assert line("half of the answers", seen).endswith("12 ms")


def test_every_day_since_the_first_has_a_bar() -> None:
    seen = list(lines(counts(), TODAY, 30, plain=True))
    at = seen.index("accepted by day, of those shown")
    days = [one.split()[:5] for one in seen[at + 1 : at + 4]]
    assert days == [
        ["2026-11-24", "5", "of", "10", "50%"],
        ["2026-11-25", "0", "of", "0", "0%"],
        [TODAY, "20", "of", "40", "50%"],
    ]
    assert seen[at + 4] == ""


def test_a_long_time_is_shown_by_week() -> None:
    seen = list(lines(counts(), TODAY, 365))
    at = seen.index("accepted by week, of those shown")
    assert seen[at + 1].split()[:4] == [TODAY, "25", "of", "50"]


def test_languages_come_by_how_much_was_shown() -> None:
    seen = list(lines(counts(), TODAY, 30))
    at = seen.index("accepted by language, of those shown")
    assert [one.split()[0] for one in seen[at + 1 : at + 3]] == ["python", "go"]


@pytest.mark.parametrize("width", [48, 60, 100])
@pytest.mark.parametrize("plain", [True, False])
def test_no_line_is_wider_than_it_may_be(width: int, plain: bool) -> None:
    seen = list(lines(counts(), TODAY, 365, width, plain))
    assert max(map(len, seen)) <= width
    assert plain is all(one.isascii() for one in seen)


def test_nothing_divides_by_nothing() -> None:
    seen = list(lines({}, TODAY, 1))
    assert seen[0] == "0 suggestions shown"
    assert not any("%" in one and "0%" not in one for one in seen)
