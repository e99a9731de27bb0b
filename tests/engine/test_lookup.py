"""What is guessed, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from polylsp.engine.lookup import MOST, Lookup

IDS = st.lists(st.integers(0, 3), max_size=30)


def drafted(prompt: Sequence[int], answer: Sequence[int] = (), before: Sequence[int] = ()) -> str:
    """The guess, each token as a letter; sequences may be given as such text too."""
    lookup = Lookup(prompt, before)
    for token in answer:
        lookup.add(token)
    return "".join(map(chr, lookup.draft()))


def ids(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def test_what_followed_the_same_tokens_is_guessed() -> None:
    assert drafted(ids("for (int i = 0; i < n; i++) x; for (int ")) == "i = 0; "
    assert drafted(ids("one two three, one"), ids(" two t")) == "hree, o"


def test_nothing_is_guessed_where_nothing_was_said_before() -> None:
    assert drafted(ids("abcdef")) == ""
    assert drafted(ids("a")) == ""
    assert drafted(()) == ""


def test_one_token_in_common_is_too_little() -> None:
    assert drafted(ids("abc, xb")) == ""


def test_the_place_with_most_in_common_counts_and_of_equals_the_newest() -> None:
    assert drafted(ids("12345a 45b 2345"))[:1] == "a"
    assert drafted(ids("x345a y345b z345"))[:1] == "b"


def test_the_more_is_in_common_the_more_is_guessed() -> None:
    text = "abcdefghijklmnopqrst"
    lengths = [
        len(drafted(ids(text + "." + text[8 - common : 8]), before=())) for common in range(2, 8)
    ]
    assert lengths == sorted(lengths)
    assert 1 <= lengths[0] < lengths[-1] == MOST


def test_what_the_last_answer_said_is_guessed_by_what_stood_before_it() -> None:
    assert drafted(ids("if x: "), ids("re"), before=ids("f x: return 1")) == "turn 1"


def test_a_guess_does_not_run_on_from_one_answer_into_another_prompt() -> None:
    assert drafted(ids("something else 123456"), before=ids("123456ab")) == "ab"


def test_no_more_is_guessed_than_asked_for() -> None:
    lookup = Lookup(ids("abcdefghijklmnopq, abcdefgh"))
    assert lookup.draft(3) == ids("ijk")
    assert lookup.draft(0) == []


@given(IDS, IDS, IDS)
def test_a_guess_stood_behind_the_last_two_tokens_before(
    before: list[int], prompt: list[int], answer: list[int]
) -> None:
    guess = drafted(prompt, answer, before)
    here = "".join(map(chr, prompt + answer))
    assert len(guess) <= MOST
    if guess:
        assert here[-2:] + guess in here or here[-2:] + guess in "".join(map(chr, before))
    elif len(here) >= 2:
        assert here[-2:] not in here[:-1]
