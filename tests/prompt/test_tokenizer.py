from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.errors import ModelError
from polylsp.prompt.tokenizer import Tokenizer
from tests.prompt.kinds import EMBEDDED, EXACT, KINDS, SPECIAL, kind

# What a Snapshot can hold: no CR, no lone surrogates.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r") | st.sampled_from("ab \n\t()_1é日😀")
)


@pytest.mark.parametrize("name", EXACT)
@given(text=TEXTS)
def test_any_text_comes_back_byte_for_byte(name: str, text: str) -> None:
    tokenizer = kind(name)
    ids = tokenizer.encode(text)
    assert tokenizer.bytes_of(ids) == text.encode()
    assert tokenizer.decode(ids) == text
    assert all(0 <= id_ < tokenizer.size for id_ in ids)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("text", [")\nprint(x)\n", "\n}", " x", "  x", "é", "x", ""])
def test_behind_other_text_no_space_is_put_before(name: str, text: str) -> None:
    tokenizer = kind(name)
    assert tokenizer.decode(tokenizer.encode_on(text)) == text


@pytest.mark.parametrize("name", EXACT)
@given(text=TEXTS, cut=st.integers(0, 50))
def test_half_a_character_is_no_error(name: str, text: str, cut: int) -> None:
    tokenizer = kind(name)
    ids = tokenizer.encode(text)[:cut]
    assert text.startswith(tokenizer.decode(ids).rstrip("\ufffd"))


@pytest.mark.parametrize("name", KINDS)
def test_a_special_token_in_source_text_is_plain_text(name: str) -> None:
    tokenizer = kind(name)
    text = "print('" + "".join(tokenizer.special) + "')"
    ids = tokenizer.encode(text)
    assert not set(ids) & set(tokenizer.special.values())
    assert tokenizer.decode(ids).strip() == text


@pytest.mark.parametrize("name", KINDS)
def test_special_tokens_are_known_by_name_and_say_nothing(name: str) -> None:
    tokenizer = kind(name)
    assert set(SPECIAL) <= set(tokenizer.special)
    assert tokenizer.bytes_of(tokenizer.special.values()) == b""


def test_ids_beyond_the_vocabulary_say_nothing() -> None:
    tokenizer = kind("embedded")
    assert tokenizer.decode([tokenizer.size, 10**6]) == ""


def test_no_text_has_no_ids() -> None:
    for name in KINDS:
        assert kind(name).encode("") == []


def test_a_sentencepiece_tokenizer_falls_back_on_bytes() -> None:
    tokenizer = kind("sentencepiece")
    ids = tokenizer.encode("x = '☃'")
    assert tokenizer.bytes_of(ids).strip() == "x = '☃'".encode()
    assert len(ids) > 3


@pytest.mark.parametrize("name", EXACT)
@given(text=TEXTS)
def test_healing_takes_off_the_end_and_nothing_else(name: str, text: str) -> None:
    tokenizer = kind(name)
    ids = tokenizer.encode(text)
    left, healed = tokenizer.heal(text, ids)
    assert ids[: len(left)] == left
    assert text.endswith(healed)
    assert tokenizer.bytes_of(left) + healed.encode() == text.encode()
    assert len(ids) - len(left) <= 6 + 3
    assert bool(healed) == bool(text)


@pytest.mark.parametrize("name", KINDS)
@given(text=TEXTS, data=st.data())
def test_whatever_is_allowed_the_answer_starts_with_what_was_healed(
    name: str, text: str, data: st.DataObject
) -> None:
    tokenizer = kind(name)
    _, healed = tokenizer.heal(text, tokenizer.encode(text))
    allowed = tokenizer.constraint(healed)
    answer: list[int] = []
    while (ids := allowed(answer)) is not None:
        assert len(ids)
        assert len(set(ids.tolist())) == len(ids)
        # Short tokens first: they leave the most to be said.
        choices = sorted(ids.tolist(), key=lambda id_: len(tokenizer.bytes_of([id_])))
        answer.append(data.draw(st.sampled_from(choices[:20])))
    assert tokenizer.bytes_of(answer).startswith(healed.encode())
    assert tokenizer.bytes_of(answer[:-1]) != healed.encode() or not healed


@pytest.mark.parametrize("name", KINDS)
@given(text=TEXTS)
def test_the_same_tokens_may_always_be_said_again(name: str, text: str) -> None:
    tokenizer = kind(name)
    ids = tokenizer.encode(text)
    left, healed = tokenizer.heal(text, ids)
    again = ids[len(left) :]
    allowed = tokenizer.constraint(healed)
    for count, id_ in enumerate(again):
        choice = allowed(again[:count])
        assert choice is None or id_ in choice
    assert allowed(again) is None


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("def area(radius):\n    retu", "rn radius"),
        ("def area(radius):\n    ", "return radius"),
        ("def area(radius):\n", "    return radius"),
        ("import collec", "tions"),
        ("x =", " 12"),
        ("x = 1", "2"),
        ("f(", ")\n"),
        ("naïv", "e = 1"),
        ("s = '日", "本'"),
        ("if x", "y_z:"),
    ],
)
def test_a_finished_word_gets_the_tokens_it_would_have_had(name: str, text: str, more: str) -> None:
    """What healing is for: the model may say the tokens that the whole text has."""
    tokenizer = kind(name)
    left, healed = tokenizer.heal(text, tokenizer.encode(text))
    whole = tokenizer.encode(text + more)
    if whole[: len(left)] != left:
        assert (
            name == "unsplit"
        )  # There, tokens may cross any border: the end is all that is healed.
        return
    allowed = tokenizer.constraint(healed)
    for count in range(len(left), len(whole)):
        choice = allowed(whole[len(left) : count])
        if choice is None:
            break
        assert whole[count] in choice


@pytest.mark.parametrize(
    ("text", "healed"),
    [
        ("x = 1\n    retu", "retu"),
        ("import", "import"),
        ("x = foo", " foo"),
        ("x.foo", "foo"),
        ("if x:\n    ", "\n    "),
        ("if x:\n\n\t\t", "\n\t\t"),
        ("x = 12", "2"),
        ("f(x", "x"),
        ("f((", "(("),
        ("x # 日本", " 日本"),
        ("\n", "\n"),
        ("", ""),
    ],
)
def test_the_embedded_tokenizer_heals_a_word_an_indentation_or_a_run_of_brackets(
    text: str, healed: str
) -> None:
    tokenizer = kind("embedded")
    assert tokenizer.heal(text, tokenizer.encode(text))[1] == healed


def test_a_very_long_piece_is_healed_in_part() -> None:
    tokenizer = kind("embedded")
    text = "x = '" + "abcdefghij" * 3_000
    ids = tokenizer.encode(text)
    left, healed = tokenizer.heal(text, ids)
    assert len(ids) - len(left) == 6
    assert 0 < len(healed) < 60


def test_ids_that_are_not_the_texts_own_are_left_alone() -> None:
    tokenizer = kind("gpt2 with a space before all")
    ids = tokenizer.encode("return")
    assert [tokenizer.bytes_of([id_]) for id_ in ids] == [b" return"]
    assert tokenizer.heal("return", ids) == (ids, "")


def test_nothing_healed_forbids_nothing() -> None:
    assert kind("embedded").constraint("")([]) is None


def test_what_no_tokens_can_say_in_full_is_not_begun() -> None:
    """A vocabulary of words: `ab` can be said, and `a` too, but then nothing that goes on with `b`."""
    tokenizer = _of({"a": 0, "ab": 1, "abc": 2, "cb": 3, "c": 4})
    ids = tokenizer.constraint("ab")([])
    assert ids is not None
    assert sorted(ids.tolist()) == [1, 2]
    ids = tokenizer.constraint("acb")([])
    assert ids is not None
    assert ids.tolist() == [0]
    ids = tokenizer.constraint("acb")([0])
    assert ids is not None
    assert ids.tolist() == [3]
    assert tokenizer.constraint("acb")([0, 3]) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"model": {}}', "\x00"])
def test_a_file_that_is_no_tokenizer_is_a_model_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        Tokenizer(file)


def test_a_missing_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="install the model again"):
        Tokenizer(tmp_path / "tokenizer.json")


def test_truncation_that_comes_with_a_tokenizer_is_switched_off(tmp_path: Path) -> None:
    parsed = json.loads((EMBEDDED / "tokenizer.json").read_text(encoding="utf-8"))
    parsed["truncation"] = {
        "direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0
    }  # fmt: skip
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(parsed), encoding="utf-8")
    assert len(Tokenizer(file).encode("a b c d e f g")) == 7


def _of(vocab: dict[str, int]) -> Tokenizer:
    import tokenizers
    from tokenizers import models

    from tests.prompt.kinds import loaded

    return loaded(tokenizers.Tokenizer(models.WordLevel(vocab, unk_token="a")))
