"""How much of an answer is right."""

from __future__ import annotations

import pytest

from polylsp.evals.polyline.score import Score, score, similarity


def test_white_space_is_no_difference_to_an_exact_match() -> None:
    assert score("foo( a )  ", "foo(  a )").exact == 1
    assert score("foo(a)", "foo( a )").exact == 0


def test_similarity_is_what_both_have_in_common_over_all() -> None:
    assert similarity("abcd", "acbd") == pytest.approx(2 * 3 / 8)
    assert similarity("", "") == 1
    assert similarity("abc", "xyz") == 0
    assert similarity("kitten", "sitting") == pytest.approx(2 * 4 / 13)


@pytest.mark.parametrize(
    ("said", "truth", "prefix", "first"),
    [
        ("items():", "items():", 1.0, 1.0),
        ("items)", "items():", 5 / 8, 1.0),
        ("item", "items():", 4 / 8, 0.0),
        ("", "items():", 0.0, 0.0),
        (" + 1", "+ 1", 0.0, 1.0),
    ],
)
def test_the_start_and_the_first_word_count(
    said: str, truth: str, prefix: float, first: float
) -> None:
    found = score(said, truth)
    assert isinstance(found, Score)
    assert found.prefix == pytest.approx(prefix)
    assert found.first == first
