from __future__ import annotations

import pytest

from polylsp.stats import Stats, Stopwatch
from polylsp.types import Answer, Silence, Suggestion, Trace
from tests.marks import cursor

SHOWN = (Suggestion(cursor("x = █"), "1", 0.9),)


def test_a_stopwatch_puts_all_time_down_to_some_station(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.001, 10.004, 10.005])
    monkeypatch.setattr("polylsp.stats.time.perf_counter", lambda: next(times))
    watch = Stopwatch()
    watch.lap("syntax")
    watch.lap("engine")
    watch.lap("syntax")
    assert watch.milliseconds == {"syntax": 2.0, "engine": 3.0}


def test_noting_an_answer_hands_it_on() -> None:
    answer = Answer((), Silence.GATE)
    assert Stats().note(answer) is answer


def test_a_summary_adds_answers_up() -> None:
    stats = Stats()
    trace = Trace({"engine": 30.0}, prompt_tokens=100, reused=90, generated=5)
    stats.note(Answer(SHOWN, None, trace))
    stats.note(Answer(SHOWN, None, Trace({"cache": 1.0}, hit=True)))
    stats.note(Answer((), Silence.GATE, Trace({"syntax": 2.0})))
    stats.note(Answer((), Silence.GATE, Trace({"syntax": 4.0})))
    summary = stats.summary()
    assert summary["answers"] == 4
    assert summary["shown"] == 2
    assert summary["hitRate"] == 0.25
    assert summary["reusedShare"] == 0.9
    assert summary["generatedTokens"] == 5
    assert summary["silences"] == {"gate": 2}
    assert summary["lastSilence"] == "gate"
    assert summary["lastMilliseconds"] == 4.0
    assert summary["medianMilliseconds"] == 3.0
    assert summary["last"]["milliseconds"] == {"syntax": 4.0}


def test_what_was_there_before_it_was_asked_and_what_was_for_nobody_is_told_apart() -> None:
    stats = Stats()
    early, late = Trace(hit=True, earlier=True), Trace(generated=5)
    stats.note(Answer(SHOWN, None, early))
    stats.note(Answer((), Silence.UNSURE, early))
    stats.note(Answer(SHOWN, None, late))
    stats.note(Answer((), Silence.CANCELLED, Trace(generated=3)), asked=False)
    summary = stats.summary()
    assert (summary["shown"], summary["earlier"]) == (2, 1)
    assert (summary["generatedTokens"], summary["wastedTokens"]) == (8, 3)


def test_a_summary_of_nothing_divides_by_nothing() -> None:
    summary = Stats().summary()
    assert summary["hitRate"] == 0.0
    assert summary["reusedShare"] == 0.0
    assert summary["lastMilliseconds"] is None
    assert summary["lastSilence"] is None
    assert summary["silences"] == {}


def test_only_the_last_hundred_latencies_count() -> None:
    stats = Stats()
    for milliseconds in (*[1000.0] * 50, *range(100)):
        stats.note(Answer((), None, Trace({"engine": float(milliseconds)})))
    summary = stats.summary()
    assert summary["answers"] == 150
    assert summary["p95Milliseconds"] == 94
    assert summary["medianMilliseconds"] == 49.5


def test_of_two_latencies_most_are_within_the_longer() -> None:
    stats = Stats()
    for milliseconds in (300.0, 1.0):
        stats.note(Answer((), None, Trace({"engine": milliseconds})))
    assert stats.summary()["p95Milliseconds"] == 300
