"""Tokenizers made of what a checkpoint has: ids must be those that the weights were trained with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.errors import ModelError
from polylsp.export import fake, vocabulary
from polylsp.models.registry import EMBEDDED
from polylsp.prompt.tokenizer import Tokenizer
from tests import tinies

SAMPLES = sorted((Path(__file__).parent.parent / "samples").iterdir())
PADDED = 50_304


@pytest.fixture(scope="module", params=fake.LAYOUTS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PolyCoder's vocabulary in either form."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    vocab, merges = vocabulary.polycoder()
    if request.param == "published":
        merges = vocabulary.with_header(merges)
    vocabulary.write_gpt2(folder, vocab, merges)
    return folder


@pytest.fixture(scope="module")
def tokenizer(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer(vocabulary.write(folder, tmp_path_factory.mktemp("made")))


def test_the_published_folder_has_the_size_it_had(folder: Path) -> None:
    lines = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")
    assert len(lines) == 50_013 if lines[0] != "Ġ Ġ" else 50_012
    if lines[0] == "#version: 0.2":
        assert (folder / "merges.txt").stat().st_size == 437_498


def test_polycoders_first_merge_is_absent(folder: Path, tokenizer: Tokenizer) -> None:
    merges = json.loads(vocabulary.tokenizer_json(folder))["model"]["merges"]
    assert len(merges) == 50_011
    assert ["Ġ", "Ġ"] not in merges
    assert merges[0] == ["ĠĠ", "ĠĠ"]
    # So each space of an indentation is a token.
    assert tokenizer.encode("def f(x):\n    return x\n") == [
        *(319, 282, 10, 90, 1050, 188),
        *(209, 209, 209, 429, 754, 188),
    ]


def test_our_own_model_keeps_all_its_merges() -> None:
    merges = json.loads(vocabulary.tokenizer_json(EMBEDDED))["model"]["merges"]
    assert ["Ġ", "Ġ"] in [list(merge) for merge in merges] or "Ġ Ġ" in merges


def test_every_byte_but_those_that_never_occur_has_its_id(
    folder: Path, tokenizer: Tokenizer
) -> None:
    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    bytes_ = {tokenizer.bytes_of([id_]): id_ for id_ in vocab.values()}
    alone = {byte for byte in range(256) if bytes([byte]) in bytes_}
    # A carriage return was never seen, and the others are no part of UTF-8.
    assert set(range(256)) - alone == {0x0D, 0xC0, 0xC1, *range(0xF5, 0x100)}
    for character in map(chr, [*range(0x0D), *range(0x0E, 0x80)]):
        assert tokenizer.encode(character) == [bytes_[character.encode()]]


def test_real_code_comes_back_and_needs_no_unknown_token(tokenizer: Tokenizer) -> None:
    for file in SAMPLES:
        text = file.read_text(encoding="utf-8")  # Line ends become LF, as at the door.
        ids = tokenizer.encode(text)
        assert 0 not in ids
        assert max(ids) < tokenizer.size <= PADDED
        assert tokenizer.decode(ids) == text


def test_a_carriage_return_would_not_be_a_token(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("a\r\nb") == tokenizer.encode("a") + tokenizer.encode("\nb")


def test_only_the_end_of_text_is_special(tokenizer: Tokenizer) -> None:
    assert tokenizer.special == {"<|endoftext|>": 0}
    assert tokenizer.size == 50_257


def test_a_folders_own_tokenizer_is_kept(tmp_path: Path) -> None:
    vocabulary.write_gpt2(tmp_path, *vocabulary.polycoder())
    (tmp_path / "tokenizer.json").write_text(tinies.tokenizer_json(), encoding="utf-8")
    assert vocabulary.tokenizer_json(tmp_path) == tinies.tokenizer_json()


def test_tokens_that_were_added_later_keep_their_ids(tmp_path: Path) -> None:
    vocabulary.write_gpt2(tmp_path, *vocabulary.polycoder())
    (tmp_path / "added_tokens.json").write_text('{"[PAD]": 50257, "<<more>>": 50258}', "utf-8")
    config = {
        "pad_token": {"content": "[PAD]"},
        "additional_special_tokens": ["<new>"],
        "added_tokens_decoder": {"50260": {"content": "<|fim|>", "special": True}},
    }
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    tokenizer = Tokenizer(vocabulary.write(tmp_path, tmp_path))
    wanted = {"<|endoftext|>": 0, "[PAD]": 50257, "<|fim|>": 50260, "<new>": 50261}
    assert tokenizer.special == wanted
    assert tokenizer.encode("<<more>>") == [50258]


def test_a_lost_file_is_named(tmp_path: Path) -> None:
    vocabulary.write_gpt2(tmp_path, *vocabulary.polycoder())
    (tmp_path / "merges.txt").unlink()
    with pytest.raises(ModelError, match=r"lacks merges\.txt"):
        vocabulary.tokenizer_json(tmp_path)


def test_a_broken_vocabulary_is_told_so(tmp_path: Path) -> None:
    vocabulary.write_gpt2(tmp_path, b"{", b"")
    with pytest.raises(ModelError, match="cannot be read"):
        vocabulary.tokenizer_json(tmp_path)


@pytest.mark.heavy
def test_ids_are_those_of_transformers_slow_tokenizer(folder: Path, tokenizer: Tokenizer) -> None:
    """The one that follows the loader of the training line by line; its successor is not there in 5."""
    transformers = pytest.importorskip("transformers")
    if int(transformers.__version__.split(".")[0]) > 4:
        pytest.skip("transformers 5 has no slow tokenizer")
    slow = transformers.GPT2Tokenizer.from_pretrained(folder)
    for file in SAMPLES:
        text = file.read_text(encoding="utf-8")
        assert tokenizer.encode(text) == slow.encode(text)
