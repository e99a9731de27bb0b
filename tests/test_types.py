from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.types import Cursor, Silence, Snapshot, Span, Suggestion
from tests.marks import cursor, shown, snapshot, spans

ANYTHING = st.text(st.characters(codec=None) | st.sampled_from("\r\n\t\f\x00\u2028é😀"))


@pytest.mark.parametrize(
    ("text", "eol"),
    [("a\nb\r\n", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb", "\r"), ("a", "\n"), ("", "\n")],
)
def test_a_snapshot_remembers_the_first_line_end(text: str, eol: str) -> None:
    assert Snapshot.of("u", 1, "c", text).eol == eol


@given(ANYTHING)
def test_the_text_of_a_snapshot_is_tidy(text: str) -> None:
    tidy = Snapshot.of("u", 1, "c", text).text
    assert "\r" not in tidy
    assert tidy.encode("utf-8").decode("utf-8") == tidy
    assert Snapshot.of("u", 1, "c", tidy).text == tidy


@given(ANYTHING)
def test_tidying_leaves_lines_and_columns_where_they_were(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tidy = Snapshot.of("u", 1, "c", text).text.split("\n")
    assert [len(line) for line in lines] == [len(line) for line in tidy]


def test_only_line_feeds_and_carriage_returns_end_lines() -> None:
    text = "a\fb\x85c\u2028d"
    assert Snapshot.of("u", 1, "c", text).text == text


@given(st.text(), st.integers(0, 40))
def test_prefix_and_suffix_are_the_whole_text(text: str, offset: int) -> None:
    place = Cursor(Snapshot.of("u", 1, "c", text), min(offset, len(text.replace("\r\n", "\n"))))
    assert place.prefix + place.suffix == place.snapshot.text
    assert place.prefix.endswith(place.line_prefix)
    assert place.suffix.startswith(place.line_suffix)
    assert "\n" not in place.line_prefix + place.line_suffix


@pytest.mark.parametrize(
    ("marked", "before", "behind"),
    [
        ("█", "", ""),
        ("a\nb█c\nd", "b", "c"),
        ("a\n█\nd", "", ""),
        ("█a", "", "a"),
        ("a█", "a", ""),
    ],
)
def test_the_line_of_a_cursor(marked: str, before: str, behind: str) -> None:
    place = cursor(marked)
    assert (place.line_prefix, place.line_suffix) == (before, behind)


def test_typing_moves_the_cursor_behind_what_was_typed() -> None:
    assert shown(cursor("a█c").typed("b\n")) == "ab\n█c"


@pytest.mark.parametrize("text", ["", "x", "a\nb", "return"])
def test_what_was_typed_is_read_from_where_the_cursor_went(text: str) -> None:
    here = cursor("a = █\nb\n")
    assert here.until(here.typed(text)) == text
    assert here.typed("more").until(here.typed("more" + text)) == text
    assert here.until(cursor("a = " + text + "█\nc\n")) is None
    assert here.until(cursor("b = " + text + "█\nb\n")) is None
    assert here.typed("x" + text).until(here) is None


def test_a_span_is_half_open() -> None:
    text, (span, empty) = spans("a⟦bc⟧d⟦⟧")
    assert span.of(text) == "bc"
    assert [offset in span for offset in range(5)] == [False, True, True, False, False]
    assert (len(span), len(empty)) == (2, 0)
    assert 4 not in empty


def test_a_suggestion_is_inserted_with_the_documents_own_line_ends() -> None:
    place = Cursor(Snapshot.of("u", 1, "c", "int a;\r\n"), 6)
    assert Suggestion(place, "x\ny", 1.0).insert_text == "x\r\ny"
    assert Suggestion(cursor("int a;█\n"), "x\ny", 1.0).insert_text == "x\ny"


@pytest.mark.parametrize("value", [snapshot("a"), cursor("a█"), Span(0, 1)], ids=repr)
def test_values_are_frozen_slotted_and_hashable(value: object) -> None:
    assert dataclasses.is_dataclass(value)
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)
    assert not hasattr(value, "__dict__")
    assert hash(value) == hash(dataclasses.replace(value))  # type: ignore[type-var]


def test_a_silence_is_one_word() -> None:
    assert all(reason.value.isalpha() and reason.value.islower() for reason in Silence)
