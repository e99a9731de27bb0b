"""Shows are counted once, with what came of them, and under what they were."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from polylsp.journal.counts import OUTCOMES, Counts, Key, total
from polylsp.journal.keeper import Journal, summary
from polylsp.types import Cursor
from tests.fakes import Clock
from tests.marks import cursor, snapshot

DAY = "2026-11-26"
HERE = cursor("x = █\n")
URI = HERE.snapshot.uri
TEXT = "max(a, 1)"
KEY = Key(DAY, "python", "tiny", "line")


class Desk:
    """A journal, its clock, and somebody who types at `HERE`."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.journal = Journal(lambda: DAY, self.clock.later)

    def show(self, *texts: str, at: Cursor = HERE) -> None:
        self.journal.show(at, texts, "tiny", 12)

    def type(self, text: str) -> None:
        self.journal.change(URI, HERE.typed(text).snapshot.text)

    def counted(self) -> dict[str, int]:
        self.journal.end()
        return dict(total(self.journal.take().values()))


def test_every_show_has_one_outcome() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.type(TEXT)
    desk.show(at=HERE.typed(TEXT))
    desk.show(TEXT)
    desk.type("x")
    desk.show("y", at=HERE.typed("x"))
    counted = desk.counted()
    assert counted == {
        "shown": 3,
        "accepted": 1,
        "against": 1,
        "dismissed": 1,
        "characters": len(TEXT),
        "milliseconds<=15": 3,
    }


def test_a_show_that_survives_keys_is_counted_once() -> None:
    desk = Desk()
    for end in range(len(TEXT)):
        desk.type(TEXT[:end])
        desk.show(TEXT[end:], at=HERE.typed(TEXT[:end]))
    desk.type(TEXT)
    assert desk.counted() == {"shown": 1, "typedOut": 1, "milliseconds<=15": len(TEXT)}


def test_numbers_are_kept_by_day_language_model_and_kind() -> None:
    desk = Desk()
    desk.show("f():\n    pass", at=cursor("█", "ruby"))
    desk.journal.end()
    [key] = desk.journal.take()
    assert key == Key(DAY, "ruby", "tiny", "block")


_DOCUMENT = some.text("ab(\n", max_size=6)
_ACTIONS = some.lists(
    some.one_of(
        some.tuples(
            some.just("show"), _DOCUMENT, some.integers(0, 6), some.lists(_DOCUMENT, max_size=2)
        ),
        some.tuples(
            some.just("change"),
            _DOCUMENT,
            some.none() | some.integers(0, 6),
            some.lists(some.text("ab()\n", max_size=3), max_size=3),
        ),
        some.tuples(some.sampled_from(["confirm", "close", "wait"])),
    ),
    max_size=30,
)


@given(actions=_ACTIONS)
def test_whatever_happens_each_show_has_one_outcome(actions: list[Any]) -> None:
    desk = Desk()
    for action, *about in actions:
        if action == "show":
            text, offset, texts = about
            at = Cursor(snapshot(text, path="file.py"), min(offset, len(text)))
            desk.show(*filter(None, texts), at=at)
        elif action == "change":
            desk.journal.change(URI, *about)
        elif action == "confirm":
            desk.journal.confirm()
        elif action == "close":
            desk.journal.forget(URI)
        else:
            desk.clock.go(15)
    counted = Counter(desk.counted())
    assert sum(counted[name] for name in OUTCOMES) == counted["shown"]
    for moment in ("15s", "2min"):
        assert counted[f"unchanged{moment}"] <= counted[f"survived{moment}"]
        assert counted[f"survived{moment}"] <= counted[f"looked{moment}"]
        assert counted[f"looked{moment}"] <= counted["accepted"] + counted["partly"]


def test_an_acceptance_that_is_told_first_is_nobody_elses() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.show("other")
    desk.journal.confirm()
    desk.type("other")
    counted = desk.counted()
    assert (counted["accepted"], counted["dismissed"]) == (1, 1)


def test_what_was_accepted_is_looked_at_later() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.type(TEXT)
    assert desk.journal.follows(URI)
    desk.clock.go(15)
    desk.type("y")
    desk.clock.go(105)
    assert not desk.journal.follows(URI)
    counted = desk.counted()
    assert (counted["looked15s"], counted["survived15s"]) == (1, 1)
    assert (counted["looked2min"], counted.get("survived2min", 0)) == (1, 0)


def test_parts_that_follow_each_other_are_looked_at_together() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.type("max(")
    desk.type("max(a,")
    desk.type("max(a,b")
    desk.clock.go(15)
    assert desk.counted() == {
        "shown": 1,
        "partly": 1,
        "characters": 6,
        "milliseconds<=15": 1,
        "looked15s": 1,
        "survived15s": 1,
        "unchanged15s": 1,
    }


def test_an_acceptance_that_is_told_too_counts_once() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.type(TEXT)
    desk.journal.confirm()
    desk.journal.confirm()
    assert desk.counted()["accepted"] == 1


def test_an_acceptance_that_is_told_counts_where_it_could_not_be_seen() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.type(TEXT.replace(" ", ""))  # The editor formats what it puts in.
    desk.journal.confirm()
    assert desk.counted() == {"shown": 1, "accepted": 1, "milliseconds<=15": 1}
    desk.show(TEXT)
    desk.type("y")
    desk.type("yy")
    desk.journal.confirm()  # Of something else: a change came in between.
    assert desk.counted()["against"] == 1


def test_what_is_closed_is_dismissed_and_never_looked_at() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.type(TEXT)
    desk.show("(b)", at=HERE.typed(TEXT))
    desk.journal.forget(URI)
    desk.clock.go(120)
    counted = desk.counted()
    assert (counted["accepted"], counted["dismissed"]) == (1, 1)
    assert "looked15s" not in counted


def test_what_was_switched_off_is_forgotten() -> None:
    desk = Desk()
    desk.show(TEXT)
    desk.type(TEXT)
    desk.journal.clear()
    desk.clock.go(15)
    assert desk.counted() == {}


def test_counts_are_taken_once() -> None:
    desk = Desk()
    desk.show(TEXT)
    assert desk.journal.take() == {KEY: Counter({"shown": 1, "milliseconds<=15": 1})}
    assert desk.journal.take() == {}
    desk.type(TEXT)
    assert desk.counted() == {"accepted": 1, "characters": len(TEXT)}


def test_only_the_last_documents_are_followed() -> None:
    desk = Desk()
    for number in range(20):
        desk.show(TEXT, at=cursor("█", path=f"{number}.py"))
    assert not desk.journal.follows("file:///code/3.py")
    assert desk.journal.follows("file:///code/4.py")
    assert desk.counted()["dismissed"] == 20


def test_a_summary_tells_today_from_the_days_before() -> None:
    before = Key("2026-10-28", "go", "tiny", "line")
    several: list[Counts] = [
        {KEY: Counter(shown=1), before: Counter(shown=4)},
        {KEY: Counter(shown=2), Key("2026-10-27", "go", "tiny", "line"): Counter(shown=8)},
    ]
    told = summary(several, DAY, "2026-10-28")
    assert (told["today"]["shown"], told["last30Days"]["shown"]) == (3, 7)
