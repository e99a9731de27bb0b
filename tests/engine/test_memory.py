"""What sources know of a history: both kinds, against counting by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polylsp.engine.array import MOST, width
from polylsp.engine.build import build
from polylsp.engine.live import BORDER, Live
from polylsp.engine.memory import LEAST, LONGEST, NAMED, Kind, Match, Memory, Source, counted
from polylsp.engine.suffixes import Suffixes

Streams = Sequence[Sequence[int]]
STREAMS = st.lists(st.lists(st.integers(0, 4), max_size=25), min_size=1, max_size=4)
WIDE = 100_000  # More ids than two bytes can say.


def live(streams: Streams) -> Live:
    tokens = [token for stream in streams for token in (*stream, BORDER)]
    return Live(Kind.OPEN, np.array(tokens, np.uint32))


def suffixes(streams: Streams, n_vocab: int = 100) -> Suffixes:
    return Suffixes(Kind.WORKSPACE, [build(streams, width(n_vocab))[0]])


def apart(streams: Streams) -> Suffixes:
    """The same, each stream in an array of its own."""
    return Suffixes(Kind.WORKSPACE, [build([stream], 2)[0] for stream in streams])


SOURCES = pytest.mark.parametrize("make", [live, suffixes, apart])


def by_hand(streams: Streams, history: Sequence[int]) -> list[tuple[int, dict[int, int]]]:
    found: dict[int, list[int]] = {}
    for stream in streams:
        for at in range(len(stream)):
            length = 0
            most = min(LONGEST, len(history), at)
            while length < most and stream[at - 1 - length] == history[-1 - length]:
                length += 1
            if length >= LEAST:
                found.setdefault(length, []).append(stream[at])
    lengths = sorted(found, reverse=True)[:2]
    return [
        (
            least,
            dict(counted([one for length in found if length >= least for one in found[length]])),
        )
        for least in lengths
    ]


def told(matches: Sequence[Match]) -> list[tuple[int, dict[int, int]]]:
    return [(match.length, dict(match.following)) for match in matches]


@SOURCES
@settings(max_examples=50)
@given(streams=STREAMS, history=st.lists(st.integers(0, 4), min_size=LEAST, max_size=20))
def test_the_two_longest_matches_are_found_and_counted(
    make: type, streams: Streams, history: list[int]
) -> None:
    assert told(make(streams).look(history)) == by_hand(streams, history)


@SOURCES
@settings(max_examples=50)
@given(streams=STREAMS, data=st.data())
def test_a_draft_is_what_stands_there_and_no_more(
    make: type, streams: Streams, data: st.DataObject
) -> None:
    history = [0, 1, *data.draw(st.sampled_from(streams))]
    for match in make(streams).look(history[: len(history) // 2 + 2]):
        draft = match.place.draft(6)
        assert draft[0] == match.following[0][0]
        whole = [stream[at:] for stream in streams for at in range(len(stream))]
        assert any(rest[:6] == draft for rest in whole)
        for token, count in match.following:
            places = match.places(token, 64)
            assert match.times(token) == len(places)
            assert match.places(token, 1) == places[:1]
            assert [one.draft(1) for one in places] == [[token]] * count
        assert match.places(9, 64) == []


def test_streams_are_never_read_over_their_ends() -> None:
    for source in (live([[1, 2, 3], [4, 5, 6]]), suffixes([[1, 2, 3], [4, 5, 6]])):
        assert source.look([2, 3]) == []
        assert source.look([3, 4, 5])[0].length == 2
        assert source.look([1, 2])[0].place.draft(9) == [3]


def test_ids_beyond_two_bytes_are_told_apart() -> None:
    source = suffixes([[70_001, 70_002, 70_003], [4_465, 4_466, 4_467]], WIDE)
    assert dict(source.look([70_001, 70_002])[0].following) == {70_003: 1}
    assert dict(source.look([4_465, 4_466])[0].following) == {4_467: 1}


def test_what_is_left_out_counts_for_nothing() -> None:
    streams = [[1, 2, 3], [1, 2, 4]]
    array, ends = build(streams, 2)
    first = (ends[0] - 4, ends[0])  # Backwards: the last stream comes first.
    source = Suffixes(Kind.WORKSPACE, [array], {0: [first]})
    assert dict(source.look([1, 2])[0].following) == {4: 1}


def test_of_very_many_places_some_are_counted() -> None:
    source = suffixes([[1, 2, 3] * 5000])
    match = source.look([9, 1, 2])[0]
    assert (match.length, dict(match.following)) == (2, {3: match.total})
    assert 1 < match.total < 5000


def test_one_match_names_only_so_many_tokens() -> None:
    assert len(counted(range(100))) == NAMED
    assert counted([5, 6, 6, 5, 7])[0] == (5, 2)  # Of equals the one that came last.


def test_more_than_a_position_can_say_is_refused() -> None:
    with pytest.raises(ValueError, match="places"):
        build([range(3)] * (MOST // 4 + 1), 2)


def test_sources_are_looked_up_together() -> None:
    sources: list[Source] = [live([[1, 2, 3]]), suffixes([[1, 2, 4]])]
    matches = Memory(sources).look([1, 2])
    assert [match.kind for match in matches] == [Kind.OPEN, Kind.WORKSPACE]
    assert Memory(sources).look([2]) == []
    assert Memory().look([1, 2]) == []
