from __future__ import annotations

import pytest

from polylsp.syntax.languages import LANGUAGES, identify
from polylsp.types import Span
from tests.marks import cursor, shown, snapshot, spans


def test_the_mark_is_the_cursor_and_no_text() -> None:
    place = cursor("ab█c")
    assert (place.snapshot.text, place.offset) == ("abc", 2)
    assert shown(place) == "ab█c"


@pytest.mark.parametrize("marked", ["abc", "a█b█c"])
def test_there_is_exactly_one_cursor(marked: str) -> None:
    with pytest.raises(AssertionError, match="█"):
        cursor(marked)


def test_spans_are_found_in_order_and_unmarked() -> None:
    assert spans("a⟦b⟧\n⟦c\nd⟧⟦⟧e") == ("ab\nc\nde", [Span(1, 2), Span(3, 6), Span(6, 6)])
    assert spans("abc") == ("abc", [])


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES])
def test_a_made_up_path_says_its_language(language: str) -> None:
    assert identify("", snapshot("", language).path) == language
