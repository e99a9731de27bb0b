"""Text to the tokens that are remembered: without secrets, and broken where one stood."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from polylsp.engine.memory import Ids
from polylsp.prompt.pieces import Pieces
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace.redact import redact

_LINES = 32  # A piece is so many lines on the average.


class Encoder:
    """Encodes files again and again: only what changed in one is tokenised anew. For one thread."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.n_vocab = tokenizer.size
        self._pieces = Pieces(tokenizer)

    def encode(self, text: str) -> list[tuple[Ids, int]]:
        """Streams of tokens, and the line that each begins in."""
        streams = (
            (np.array(self._pieces.encode(piece.text, _cuts(piece.text)), np.uint32), piece.line)
            for piece in redact(text)
        )
        return [(ids, line) for ids, line in streams if len(ids)]


def _cuts(text: str) -> Iterator[int]:
    """Starts of lines where a piece ends: the line before tells, so an edit moves no other border."""
    at = 0
    for line in text.splitlines(keepends=True):
        at += len(line)
        if zlib.crc32(line.encode("utf-8", "replace")) % _LINES == 0:
            yield at
