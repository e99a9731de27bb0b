from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.prompt.fit import Near, cell_of, choose, near
from polylsp.types import Chunk, ChunkKind, Span
from tests.prompt.kinds import kind

LINE = "    value = function(argument)\n"


def words(texts: Sequence[str]) -> list[int]:
    """A count that is easy to follow: three characters a token."""
    return [-(-len(text) // 3) for text in texts]


def real(texts: Sequence[str]) -> list[int]:
    return [len(kind("embedded").encode(text)) for text in texts]


def _near(text: str, budget: int) -> Near:
    return near(text, budget, cell_of(budget), words)


@pytest.mark.parametrize("text", ["", "x", LINE * 5, "\n", "\n\n\n"])
def test_a_short_text_is_shown_from_its_start(text: str) -> None:
    assert _near(text, 200).edge == 0


def test_left_edge_stays_while_typing() -> None:
    """It moves only in steps, and each is about a quarter of the budget long."""
    budget, text = 400, LINE * 200
    edges = [_near(text[:length], budget).edge for length in range(3_000, len(text))]
    steps = [after - before for before, after in pairwise(edges) if after != before]
    assert len(steps) < 15
    assert all(200 < step < 400 for step in steps)
    assert edges == sorted(edges)


def test_left_edge_does_not_jump_when_a_word_is_finished() -> None:
    """`retur` has more tokens than `return` has."""
    text, budget = "", 100
    edges = []
    for character in "return returned\n" * 200:
        text += character
        edges.append(near(text, budget, cell_of(budget), real).edge)
    assert edges == sorted(edges)


def test_left_edge_is_the_start_of_a_line() -> None:
    text = LINE * 500
    for length in range(len(text) - 200, len(text)):
        edge = _near(text[:length], 300).edge
        assert text[edge - 1] == "\n"


def test_near_text_fills_most_of_the_budget() -> None:
    text = LINE * 500
    for length in range(len(text) - 1_000, len(text), 7):
        shown = text[_near(text[:length], 400).edge : length]
        assert 250 < words([shown])[0] <= 400


def test_the_same_text_has_the_same_edge_whatever_came_before_its_reach() -> None:
    text = LINE * 500
    before = "x" * (cell_of(300) * 40)
    edge = _near(before + "\n" + text, 300).edge
    assert edge > len(before)


@pytest.mark.parametrize("alphabet", ["x", "x ", "1", "日本", "😀"])
def test_of_one_very_long_line_the_end_is_shown(alphabet: str) -> None:
    budget = 300
    text = LINE * 3 + alphabet * (60_000 // len(alphabet))
    edges = []
    for length in range(len(text) - 2_000, len(text), 13):
        found = near(text[:length], budget, cell_of(budget), real)
        shown = text[found.edge : length]
        assert shown
        assert real([shown])[0] <= budget
        edges.append(found.edge)
    assert edges == sorted(edges)
    assert len(set(edges)) < 80


def test_a_line_that_just_began_below_a_very_long_one_shows_something() -> None:
    text = "x = [" + "1, " * 40_000 + "]\n"
    found = near(text, 300, cell_of(300), real)
    assert 0 < real([text[found.edge :]])[0] <= 300


@given(
    st.text(st.sampled_from("ab1 \n\n日😀"), max_size=400), st.integers(1, 200), st.integers(1, 300)
)
def test_borders_ascend_and_the_last_always_fits(text: str, budget: int, cell: int) -> None:
    found = near(text, budget, cell, real)
    assert 0 <= found.first < len(found.borders)
    assert found.borders == sorted(set(found.borders))
    assert all(0 <= border <= len(text) for border in found.borders)
    if budget >= 8:
        assert real([text[found.borders[-1] :]])[0] <= budget


@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "x\n" * 500_000, "\n" * 1_000_000, LINE * 50_000]
)
def test_what_lies_far_back_is_not_even_counted(text: str) -> None:
    counted = 0

    def count(texts: Sequence[str]) -> list[int]:
        nonlocal counted
        counted += sum(map(len, texts))
        return words(texts)

    near(text, 500, cell_of(500), count)
    assert counted <= 4 * 16 * 500


def _chunk(tokens: int, kind: ChunkKind = ChunkKind.SIBLING, start: int = 0) -> Chunk:
    return Chunk(kind, "a.py", Span(start, start + 1), "x" * 3 * tokens)


def test_the_best_chunks_that_fit_are_chosen() -> None:
    best, too_long, good, more = _chunk(20), _chunk(90), _chunk(30), _chunk(40)
    assert choose([best, too_long, good, more], 100, words) == [best, good]


def test_near_text_is_no_chunk_to_choose() -> None:
    assert choose([_chunk(1, ChunkKind.NEAR)], 100, words) == []


@given(st.lists(st.integers(0, 60)), st.integers(0, 200))
def test_what_is_chosen_fits_with_its_markers(lengths: list[int], room: int) -> None:
    chosen = choose([_chunk(length) for length in lengths], room, words)
    assert sum(words([chunk.text for chunk in chosen])) + 6 * len(chosen) <= room
