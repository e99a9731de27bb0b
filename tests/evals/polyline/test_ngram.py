"""The 6-gram model with a cache, and the copied line."""

from __future__ import annotations

from polylsp.evals.polyline.copied import copied
from polylsp.evals.polyline.ngram import Ngram
from polylsp.evals.polyline.words import words

OTHER = "for item in items:\n    total += item.price\nreturn total\n"


def test_words_joined_are_the_text_again() -> None:
    text = "def f(x):\n\treturn x_1 -> 'é'\r\n\x0c"
    assert "".join(words(text)) == text


def test_it_says_what_other_files_say() -> None:
    told = Ngram([OTHER]).said("for item in items:\n    total +=")
    assert told.text == " item.price"
    assert 0 < told.confidence <= 1


def test_a_word_that_is_begun_is_finished() -> None:
    assert Ngram([OTHER]).said("x = 1\nreturn tot").text == "al"


def test_the_file_itself_counts_for_more_than_others() -> None:
    above = "    total += item.weight\n    total += item.weight\n    total +="
    assert Ngram([OTHER]).said(above).text == " item.weight"


def test_it_says_nothing_where_nothing_is_known() -> None:
    assert Ngram([]).said("").text == ""
    assert Ngram([]).said("abc").text == ""


def test_the_most_similar_earlier_line_is_copied() -> None:
    above = "a.append(one)\nb.remove(two)\nc.append("
    assert copied(above).text == "one)"
    assert copied(above).confidence == 8 / 9
    below = "if open:\n    close()\nif shut:\n    leave()\nif opened:\n    "
    assert copied(below).text == "close()"
    assert copied("x").text == ""
