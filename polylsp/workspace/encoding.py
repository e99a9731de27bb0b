"""Text to the tokens that are remembered: without secrets and tables of numbers, and broken where one stood."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from polylsp.engine.memory import Ids
from polylsp.prompt.pieces import Pieces
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace.redact import secrets

# Lines of nothing but numbers take three times their place in tokens, and tell nothing of what follows.
_TABLE = re.compile(r"(?:^[\da-fA-FxXuUlL \t\r.,;:+\-*/|&(){}\[\]<>'\"\\]+\n){6,}", re.MULTILINE)
_DIGITS = 0.3  # What share of a table's characters is digits, white space apart.
_LINES = 8  # A piece is so many lines on the average.


class Encoder:
    """Encodes files again and again: only what changed in one is tokenised anew. For one thread."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.n_vocab = tokenizer.size
        self._pieces = Pieces(tokenizer)

    def encode(self, text: str) -> list[tuple[Ids, int]]:
        """Streams of tokens, and the line that each begins in."""
        streams = (
            (np.array(self._pieces.encode(piece, _cuts(piece)), np.uint32), line)
            for piece, line in pieces(text)
        )
        return [(ids, line) for ids, line in streams if len(ids)]


def pieces(text: str) -> Iterator[tuple[str, int]]:
    """What is remembered of a text, and the line that each piece of it begins in, from 1 on."""
    at = 0
    for start, end in [*_merged((*secrets(text), *_tables(text))), (len(text), len(text))]:
        if start > at:
            yield text[at:start], 1 + text.count("\n", 0, at)
        at = end


def _tables(text: str) -> Iterator[tuple[int, int]]:
    for found in _TABLE.finditer(text):
        characters = "".join(found.group().split())
        if sum(map(str.isdigit, characters)) > _DIGITS * len(characters):
            yield found.span()


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _cuts(text: str) -> Iterator[int]:
    """Starts of lines where a piece ends: the line before tells, so an edit moves no other border."""
    at = 0
    for line in text.splitlines(keepends=True):
        at += len(line)
        if zlib.crc32(line.encode("utf-8", "replace")) % _LINES == 0:
            yield at
