"""Tokenizers of our own: byte-level pairs, with a line end and its indentation as one piece.

Pieces that are never joined: a word with the space before it, a digit, a run of punctuation, a line end with the
indentation behind it. Special tokens come first, so that they have the same ids whatever the size.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polylsp.errors import PolyError
from polylsp.export.token_file import added_token, byte_level
from polylsp.export.vocabulary import polycoder as original
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.train.documents import documents, pieces

SPECIAL = (
    *("<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|path|>"),
    *("<|reserved_0|>", "<|reserved_1|>", "<|reserved_2|>"),
)
_END = "<|endoftext|>"
_PIECES = r" ?[A-Za-z_\p{L}]+|\d| ?[^\s\p{L}\d_]+|\n[ \t]*|[ \t]+(?=\S)|\s+"
_SAMPLE = 60_000_000  # Characters that a tokenizer is made from.


def make(corpus: Path, file: Path, size: int, weights: Mapping[str, float]) -> None:
    """Write a tokenizer of `size` tokens, made from the training text of `corpus`. Raises PolyError."""
    _free(file)
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sample(corpus, weights), trainer)
    file.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(file))


def polycoder(file: Path) -> None:
    """Write PolyCoder's vocabulary with all of its merges, and our special tokens behind it. Raises PolyError.

    The loader it was trained with lost the first merge, and with it all runs of spaces; ids are the same.
    """
    _free(file)
    vocab, merges = original()
    known: dict[str, int] = json.loads(vocab)
    pairs = [line.split(" ") for line in merges.decode().split("\n") if line]
    added = [token for token in SPECIAL if token not in known and "reserved" not in token]
    ids = {_END: known[_END]} | {token: len(known) + at for at, token in enumerate(added)}
    special = [added_token(token, id_, special=True) for token, id_ in ids.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(byte_level(known, pairs, special), encoding="utf-8")


def sample(corpus: Path, weights: Mapping[str, float], most: int = _SAMPLE) -> Iterator[str]:
    """Training text, of each language its share of `most` characters."""
    found = pieces(corpus, "train")
    total = sum(weights.get(language, 0.0) for language in found) or 1.0
    for language, files in found.items():
        left = weights.get(language, 0.0) / total * most
        for text in _shuffled(files):
            if left <= 0:
                break
            left -= len(text)
            yield text


def bytes_per_token(corpus: Path, tokenizer: Path) -> dict[str, float]:
    """By language, on the validation text of `corpus`. Raises PolyError."""
    encoder = Tokenizer(tokenizer)
    rates = {}
    for language, files in pieces(corpus, "validation").items():
        texts = [one.text for file in files for one in documents(file)][:400]
        tokens = sum(len(encoder.encode(text)) for text in texts)
        rates[language] = sum(len(text.encode()) for text in texts) / max(1, tokens)
    return rates


def _free(file: Path) -> None:
    if file.exists():
        raise PolyError(f"{file} is there already: remove it, or choose another name")


def _shuffled(files: Sequence[Path]) -> Iterator[str]:
    """The files' texts, each file's in an order of its own: packages lie together."""
    for file in files:
        ordered = sorted(
            documents(file), key=lambda one: hashlib.sha256(one.sha256.encode()).digest()
        )
        yield from (one.text for one in ordered)
