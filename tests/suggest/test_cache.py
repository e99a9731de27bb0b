"""Suggestions are found again by what stands around the cursor, and never where anything else does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.suggest.cache import Cache
from polylsp.suggest.refine import still_good
from polylsp.types import Cursor, Silence, Suggestion
from tests.marks import cursor

HERE = cursor("def f(a):\n    return █\n\nf(1)\n")


def store(cache: Cache, here: Cursor, *texts: str, explicit: bool = False) -> None:
    cache.store(here, tuple(Suggestion(here, text, 0.5) for text in texts), explicit)


def found(cache: Cache, here: Cursor, *, explicit: bool = False) -> list[str]:
    return [one.text for one in cache.find(here, explicit)]


def test_a_suggestion_is_found_where_it_was_made() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    assert cache.find(HERE, explicit=False) == (Suggestion(HERE, "a + 1", 0.5),)


def test_it_is_known_whether_a_suggestion_was_made_at_just_a_place() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    assert cache.holds(HERE, explicit=False)
    assert not cache.holds(HERE, explicit=True)
    assert not cache.holds(HERE.typed("a"), explicit=False)


def test_the_rest_is_found_while_its_start_is_typed() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    assert found(cache, HERE.typed("a")) == [" + 1"]
    assert found(cache, HERE.typed("a + ")) == ["1"]
    assert found(cache, HERE.typed("a +").typed(" ")) == ["1"]


@pytest.mark.parametrize("typed", ["b", "a+", "a  ", "a + 1", "a + 12", "\n"])
def test_nothing_is_found_once_something_else_or_all_of_it_is_typed(typed: str) -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    assert found(cache, HERE.typed(typed)) == []


@pytest.mark.parametrize(
    "other",
    [
        cursor("def f(a):\n    return █\n\nf(2)\n"),
        cursor("def f(a):\n    return █\nf(1)\n"),
        cursor("def f(b):\n    return █\n\nf(1)\n"),
        cursor("def f(a):\n   return █\n\nf(1)\n"),
        cursor("def f(a):\n\treturn █\n\nf(1)\n"),
        cursor("def  f(a):\n    return█\n\nf(1)\n"),
        cursor("def f(a):\n    return █\n\nf(1)\n", path="other.py"),
        cursor("def f(a):\n    return █\n\nf(1)\n", "ruby", path="file.py"),
    ],
)
def test_nothing_is_found_where_anything_else_stands_around_the_cursor(other: Cursor) -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    assert found(cache, other) == []


def test_the_version_of_a_document_does_not_matter() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    later = Cursor(replace(HERE.snapshot, version=7), HERE.offset)
    assert found(cache, later) == ["a + 1"]
    assert cache.find(later, explicit=False)[0].cursor is later


def test_the_newest_that_fits_is_found() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    store(cache, HERE.typed("a"), " * 2")
    assert found(cache, HERE.typed("a")) == [" * 2"]
    assert found(cache, HERE.typed("a +")) == [" 1"]
    store(cache, HERE, "a - 1")
    assert found(cache, HERE) == ["a - 1"]
    assert found(cache, HERE.typed("a ")) == ["- 1"]


def test_of_several_candidates_those_that_fit_are_left() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1", "b", "a - 1", "a")
    assert found(cache, HERE.typed("a")) == [" + 1", " - 1"]


def test_asked_by_hand_an_automatic_answer_will_not_do() -> None:
    cache = Cache(10)
    store(cache, HERE, "a")
    assert found(cache, HERE, explicit=True) == []
    store(cache, HERE, "a + 1", "a - 1", explicit=True)
    assert found(cache, HERE, explicit=True) == ["a + 1", "a - 1"]
    assert found(cache, HERE) == ["a + 1", "a - 1"]
    store(cache, HERE, "b")
    assert found(cache, HERE) == ["b"]
    assert found(cache, HERE, explicit=True) == ["a + 1", "a - 1"]


def test_what_the_text_filters_would_cut_by_now_is_not_found() -> None:
    cache = Cache(10)
    here = cursor("f(█")
    store(cache, here, "a)")
    assert found(cache, here) == ["a)"]
    # The editor put the closing bracket there, and the suffix is the same again.
    closed = cursor("f(█)")
    store(cache, closed, "a)")
    assert found(cache, closed) == []


def test_finding_changes_nothing() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    first = cache.find(HERE.typed("a"), explicit=False)
    assert cache.find(HERE.typed("a"), explicit=False) == first
    assert found(cache, HERE) == ["a + 1"]


def test_the_oldest_go_first_when_it_is_full() -> None:
    cache = Cache(2)
    places = [cursor(f"{name} = █") for name in ("a", "b", "c")]
    for place in places:
        store(cache, place, "value")
    assert len(cache) == 2
    assert [found(cache, place) for place in places] == [[], ["value"], ["value"]]
    store(cache, places[1], "other")
    store(cache, places[0], "value")
    assert [found(cache, place) for place in places] == [["value"], ["other"], []]


def test_nothing_is_kept_where_nothing_may_be() -> None:
    cache = Cache(0)
    store(cache, HERE, "a")
    assert len(cache) == 0
    assert found(cache, HERE) == []


def test_silence_is_not_kept() -> None:
    cache = Cache(10)
    cache.store(HERE, (), explicit=False)
    assert len(cache) == 0


def test_an_emptied_cache_finds_nothing() -> None:
    cache = Cache(10)
    store(cache, HERE, "a + 1")
    cache.clear()
    assert found(cache, HERE) == []


def test_a_lone_surrogate_is_text_like_any_other() -> None:
    cache = Cache(10)
    here = Cursor(replace(HERE.snapshot, text="x = '\ud800' + "), 10)
    store(cache, here, "y")
    assert found(cache, here) == ["y"]


def test_no_document_is_kept_alive() -> None:
    cache = Cache(10)
    here = cursor("secret = █")
    store(cache, here, "1")
    kept = repr(vars(cache))
    assert "secret" not in kept
    assert "'1'" in kept


_TEXT = st.text("ab(\n ", max_size=4)


@given(data=st.data(), size=st.integers(1, 4))
def test_it_finds_what_a_list_of_everything_would(data: st.DataObject, size: int) -> None:
    cache = Cache(size)
    known: list[tuple[Cursor, tuple[Suggestion, ...], bool]] = []
    for _ in range(data.draw(st.integers(1, 12), "steps")):
        before, behind = data.draw(_TEXT, "before"), data.draw(st.sampled_from(["", "a", "\n"]))
        here, explicit = cursor(f"{before}█{behind}"), data.draw(st.booleans(), "explicit")
        if data.draw(st.booleans(), "store"):
            texts = data.draw(st.lists(_TEXT.filter(bool), min_size=1, max_size=3), "texts")
            suggestions = tuple(Suggestion(here, text, 0.5) for text in texts)
            known = [one for one in known if (one[0], one[2]) != (here, explicit)]
            known = [*known, (here, suggestions, explicit)][-size:]
            cache.store(here, suggestions, explicit)
        else:
            assert cache.find(here, explicit) == _expected(known, here, explicit)
        assert len(cache) == len(known)


def _expected(
    known: list[tuple[Cursor, tuple[Suggestion, ...], bool]], here: Cursor, explicit: bool
) -> tuple[Suggestion, ...]:
    for place, suggestions, by_hand in reversed(known):
        typed = here.prefix.removeprefix(place.prefix)
        if not here.prefix.startswith(place.prefix) or here.suffix != place.suffix:
            continue
        left = [
            Suggestion(here, one.text.removeprefix(typed), one.confidence)
            for one in suggestions
            if one.text.startswith(typed) and one.text != typed
        ]
        good = tuple(one for one in left if still_good(one))
        if good and (by_hand or not explicit):
            return good
    return ()


def test_a_silence_holds_for_its_own_place_alone() -> None:
    cache = Cache(10)
    cache.store_silence(HERE, Silence.UNSURE, explicit=False)
    assert cache.silence(HERE, explicit=False) is Silence.UNSURE
    assert cache.silence(HERE.typed("a"), explicit=False) is None
    assert cache.silence(HERE, explicit=True) is None
    cache.clear()
    assert cache.silence(HERE, explicit=False) is None


@pytest.mark.parametrize("silence", [Silence.DEADLINE, Silence.CANCELLED, Silence.ERROR])
def test_a_silence_that_passes_is_not_kept(silence: Silence) -> None:
    cache = Cache(10)
    cache.store_silence(HERE, silence, explicit=False)
    assert cache.silence(HERE, explicit=False) is None


def test_only_the_last_silences_are_kept() -> None:
    cache = Cache(1000)
    for count in range(100):
        cache.store_silence(HERE.typed("a" * count), Silence.EMPTY, explicit=False)
    assert cache.silence(HERE, explicit=False) is None
    assert cache.silence(HERE.typed("a" * 99), explicit=False) is Silence.EMPTY


def test_a_cache_of_no_size_keeps_no_silence() -> None:
    cache = Cache(0)
    cache.store_silence(HERE, Silence.EMPTY, explicit=False)
    assert cache.silence(HERE, explicit=False) is None


def test_what_is_left_of_a_suggestion_keeps_its_confidence() -> None:
    """Seen once and taken once, it is one suggestion: that some of it was typed does not make it another."""
    cache = Cache(4)
    cache.store(HERE, (Suggestion(HERE, "first + second", 0.7),), False)
    assert [one.confidence for one in cache.find(HERE.typed("first"), False)] == [0.7]
