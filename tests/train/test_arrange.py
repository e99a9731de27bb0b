"""How a file is laid out for training."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from polylsp.errors import PolyError
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.train.arrange import Arranged, Arranger
from polylsp.train.documents import Document
from tests import tinies
from tests.train.conftest import TOKENIZER, source

TEXT = "".join(source("python", Random(seed)) for seed in range(6))
DOCUMENT = Document("shop", "src/shop/cart.py", "python", "0" * 64, TEXT)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(TOKENIZER)


def _arranged(tokenizer: Tokenizer, fill: float, path: float, seed: int = 0) -> list[Arranged]:
    return list(Arranger.of(tokenizer, fill, path).arrange(DOCUMENT, Random(seed)))


def test_a_file_that_is_not_cut_up_is_all_there_in_order(tokenizer: Tokenizer) -> None:
    found = _arranged(tokenizer, 0.0, 0.0)
    assert "".join(tokenizer.decode(one.token_ids.tolist()) for one in found) == TEXT
    assert [one.whole for one in found] == [False] * (len(found) - 1) + [True]
    assert all(one.token_ids[0] == tokenizer.special["<|endoftext|>"] for one in found)
    assert not any(one.middle for one in found)


def test_a_file_that_is_cut_up_shows_what_follows_and_asks_for_what_is_between(
    tokenizer: Tokenizer,
) -> None:
    suffix, prefix = (tokenizer.special[f"<|fim_{one}|>"] for one in ("suffix", "prefix"))
    filled = [
        one for seed in range(9) for one in _arranged(tokenizer, 1.0, 0.0, seed) if one.middle
    ]
    assert len(filled) > 9
    for one in filled:
        ids = one.token_ids.tolist()
        behind, border = ids.index(suffix), ids.index(prefix)
        assert behind < border < one.middle <= len(ids)
        told, following = tokenizer.decode(ids[border:]), tokenizer.decode(ids[behind:border])
        assert told + following in TEXT, "the suffix begins where the middle ends"
        assert one.whole, "that it ends there is told"


def test_half_of_the_documents_say_their_path(tokenizer: Tokenizer) -> None:
    path = tokenizer.special["<|path|>"]
    found = [one for seed in range(40) for one in _arranged(tokenizer, 0.5, 0.5, seed)]
    with_path = [one for one in found if path in one.token_ids]
    assert 0.35 < len(with_path) / len(found) < 0.65
    assert "src/shop/cart.py\n" in tokenizer.decode(with_path[0].token_ids.tolist())


def test_the_same_state_of_chance_gives_the_same(tokenizer: Tokenizer) -> None:
    first, second = (_arranged(tokenizer, 0.5, 0.5, 7) for _ in range(2))
    assert [one.token_ids.tolist() for one in first] == [one.token_ids.tolist() for one in second]


def test_a_tokenizer_without_the_layouts_tokens_is_turned_down(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(tinies.tokenizer_json().replace("<|path|>", "<|road|>"), encoding="utf-8")
    with pytest.raises(PolyError, match="lacks"):
        Arranger.of(Tokenizer(file), 0.5, 0.5)
    assert list(Arranger.of(Tokenizer(file), 0.0, 0.0).arrange(DOCUMENT, Random(0)))
