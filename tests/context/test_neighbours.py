from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.context.neighbours import chunks, is_companion, offers
from polylsp.syntax.parser import Trees
from polylsp.types import Chunk, ChunkKind, Cursor, Snapshot
from tests.marks import cursor, snapshot

WORDS = [f"word{index}" for index in range(400)]


def _code(words: list[str]) -> str:
    """A line for each word."""
    return "".join(f"{word} = 1\n" for word in words)


def _chunks(place: Cursor, *others: Snapshot) -> list[Chunk]:
    return chunks(place, others, Trees())


@pytest.mark.parametrize("lines", [0, 1, 3, 5, 15, 16, 17, 47, 48, 64])
def test_typing_a_line_does_not_change_what_is_shown(lines: int) -> None:
    """Not even at the first line of a step, and not when what is typed is just what the other file says."""
    others = [
        snapshot(_code(WORDS[start : start + 40]), path=f"{start}.py")
        for start in range(0, 120, 20)
    ]
    above = _code(WORDS[:lines])
    shown = [
        _chunks(cursor(f"{above}{' '.join(WORDS[100 : 100 + typed])}█\n"), *others)
        for typed in range(8)
    ]
    assert all(one == shown[0] for one in shown)


def test_likeness_is_judged_again_only_every_so_many_lines() -> None:
    others = [
        snapshot(_code(WORDS[start : start + 20]), path=f"{start}.py")
        for start in range(0, 200, 20)
    ]
    changes = []
    before: list[Chunk] = []
    for lines in range(160):
        shown = _chunks(cursor(_code(WORDS[:lines]) + "█"), *others)
        if shown != before:
            changes.append(lines)
        before = shown
    assert [lines for lines in changes if lines > 16] == [
        lines for lines in changes if lines > 16 and lines % 16 == 0
    ]
    assert len([lines for lines in changes if lines <= 16]) <= 5


def test_what_stands_behind_the_cursor_does_not_count() -> None:
    other = snapshot(_code(WORDS[:20]), path="b.py")
    place = cursor(_code(WORDS[50:70]) + "█\n" + _code(WORDS[:20]))
    assert _chunks(place, other) == []


def test_the_most_alike_comes_first_and_the_earlier_wins_a_tie() -> None:
    place = cursor(_code(WORDS[:20]) + "█")
    same = [snapshot(_code(WORDS[:20]), path=f"{index}.py") for index in range(2)]
    half = snapshot(_code(WORDS[10:30]), path="half.py")
    unlike = snapshot(_code(WORDS[200:220]), path="unlike.py")
    shown = _chunks(place, unlike, half, *same)
    assert [chunk.path for chunk in shown] == ["0.py", "1.py", "half.py"]
    assert all(chunk.kind is ChunkKind.NEIGHBOUR for chunk in shown)


def test_of_a_long_file_the_window_that_is_most_alike_is_shown() -> None:
    other = snapshot(_code(WORDS[100:]) + _code(WORDS[:20]) + _code(WORDS[100:150]), path="b.py")
    [chunk] = _chunks(cursor(_code(WORDS[:20]) + "█"), other)
    assert chunk.text == chunk.span.of(other.text)
    assert len(set(chunk.text.split()) & set(WORDS[:16])) == 16
    assert chunk.text.count("\n") <= 20


def test_lines_end_at_line_feeds_only() -> None:
    strange = "word0\fword1\x85word2\u2028word3 = 1\n"
    other = snapshot(strange * 30, path="b.py")
    [chunk] = _chunks(cursor("word0 word1 word2 word3\n█"), other)
    assert chunk.span.start == 0
    assert set(chunk.text.split("\n")) <= {strange[:-1], ""}


def test_a_document_is_no_neighbour_of_itself() -> None:
    place = cursor(_code(WORDS[:20]) + "█")
    assert _chunks(place, place.snapshot) == []


def test_only_the_first_few_documents_are_looked_at() -> None:
    place = cursor(_code(WORDS[:20]) + "█")
    others = [snapshot("", path=f"{index}.py") for index in range(20)]
    assert _chunks(place, *others, snapshot(_code(WORDS[:20]), path="b.py")) == []


def test_a_very_long_document_is_not_searched() -> None:
    place = cursor(_code(WORDS[:20]) + "█")
    assert _chunks(place, snapshot(_code(WORDS[:20]) + "\n" * 200_000, path="b.py")) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a.c", "a.h", True),
        ("src/a.cpp", "include/a.hpp", True),
        ("a.cu", "a.H", True),
        ("a.h", "a.cc", True),
        ("a.c", "b.h", False),
        ("a.c", "a.c", False),
        ("a.h", "a.hpp", False),
        ("a.py", "a.h", False),
        ("", "", False),
    ],
)
def test_a_header_and_its_source_are_companions(one: str, other: str, expected: bool) -> None:
    assert is_companion(one, other) is expected
    assert is_companion(other, one) is expected


@given(st.text(st.sampled_from("ab /*\n#{};\f\u2028")))
def test_any_header_can_be_cut_into_paragraphs(text: str) -> None:
    header = snapshot(text, "c", "a.h")
    for chunk in offers(header, Trees()):
        assert chunk.text == chunk.span.of(header.text)


def test_no_header_takes_long_to_read() -> None:
    """This would not come to an end in time if it took a square of the header's length."""
    assert offers(snapshot("/* " * 100_000, "c", "a.h"), Trees()) == []
    assert offers(snapshot(" \n" * 100_000, "c", "a.h"), Trees()) == []


def test_a_header_with_thousands_of_paragraphs_offers_a_few() -> None:
    assert len(offers(snapshot("int f(void);\n\n" * 5_000, "c", "a.h"), Trees())) <= 60
