from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.prompt.pieces import Pieces
from polylsp.prompt.tokenizer import Tokenizer
from tests.prompt.kinds import KINDS, kind

SAMPLES = sorted((Path(__file__).parents[1] / "samples").iterdir())
TEXTS = st.text(st.sampled_from("ab1_ \n\t();{}.\"'é\f\u2028\xa0😀"), max_size=80)
# Where pieces save work: the texts of these are cut.
CUT = ("embedded", "gpt2", "line ends cling", "digits alone")


@pytest.mark.parametrize("name", KINDS)
@given(text=TEXTS, cuts=st.lists(st.integers(0, 80)))
def test_pieces_have_the_ids_of_the_whole(name: str, text: str, cuts: list[int]) -> None:
    tokenizer = kind(name)
    starts = [cut for cut in cuts if cut <= len(text)]
    assert Pieces(tokenizer).encode(text, starts) == tokenizer.encode(text)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.suffix)
def test_real_code_cut_at_every_line_has_the_ids_of_the_whole(name: str, file: Path) -> None:
    tokenizer = kind(name)
    text = file.read_text(encoding="utf-8")
    starts = [at + 1 for at, character in enumerate(text) if character == "\n"]
    assert Pieces(tokenizer).encode(text, starts) == tokenizer.encode(text)


@pytest.mark.parametrize("name", CUT)
def test_typing_at_the_end_encodes_the_last_piece_only(name: str) -> None:
    counting = _Counting(kind(name))
    pieces = Pieces(counting)
    line = "    value = function(argument)\n"
    text = line * 100
    borders = range(len(line) * 10, len(text), len(line) * 10)
    pieces.encode(text, borders)
    counting.characters = 0
    for typed in ("    r", "    re", "    ret"):
        pieces.encode(text + typed, borders)
    assert counting.characters < 3 * 12 * len(line)


def test_counting_a_text_again_encodes_nothing() -> None:
    counting = _Counting(kind("embedded"))
    pieces = Pieces(counting)
    texts = ["def f():\n", "", "    return 1\n"]
    first = pieces.count(texts)
    assert first == [len(kind("embedded").encode(text)) for text in texts]
    counting.characters = 0
    assert pieces.count(texts) == first
    assert counting.characters == 0


def test_what_is_remembered_is_bounded() -> None:
    pieces = Pieces(kind("embedded"))
    for index in range(25):
        pieces.count([f"x{index} " * 5_000])
    assert sum(map(len, pieces._ids)) <= 400_000
    assert pieces._characters == sum(map(len, pieces._ids))


def test_forgetting_changes_no_count() -> None:
    pieces = Pieces(kind("embedded"))
    before = pieces.count(["a = b\n"])
    pieces.count(["x" * 250_000, "y" * 250_000])
    assert pieces.count(["a = b\n"]) == before


class _Counting(Tokenizer):
    """Counts the characters that it is given to encode."""

    def __init__(self, real: Tokenizer) -> None:
        self.real = real
        self.characters = 0

    def encode(self, text: str) -> list[int]:
        self.characters += len(text)
        return self.real.encode(text)
