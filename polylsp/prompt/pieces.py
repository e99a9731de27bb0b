"""Encode long texts piece by piece, so that typing at the end of one costs only its last piece.

The pieces' ids, one after the other, are the ids of the whole: texts are cut only where the tokenizer's own
splitting has a border anyway, which is tried out once for each tokenizer.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from polylsp.prompt.tokenizer import Tokenizer

_KEPT_CHARACTERS = 400_000
_LINE_END = re.compile("\n")
_SAMPLE = "a = b(1);\n    c: d;\n\n\nif e {\n\t\tf(g)\n}\nh\n  # i.\nj = 'k'\n"


class Pieces:
    """Ids of texts that come again and again. Forgets the least recently used."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: OrderedDict[str, array[int]] = OrderedDict()
        self._characters = 0
        # Whether a newline goes with the line that follows it, or with its own; None: neither is safe.
        self._before: bool | None = next(
            (before for before in (True, False) if self._exact(before)), None
        )

    def encode(self, text: str, line_starts: Iterable[int]) -> list[int]:
        """The ids of `text`, cut near the given offsets (starts of lines, ascending) where possible."""
        cuts = sorted({cut for at in line_starts if (cut := self._cut(text, at, self._before))})
        ends = [*cuts, len(text)]
        ids: list[int] = []
        for start, end in zip([0, *cuts], ends, strict=True):
            ids += self._remembered(text[start:end])
        return ids

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each of `texts` has on its own."""
        return [len(self._remembered(text)) for text in texts]

    def _remembered(self, piece: str) -> array[int]:
        ids = self._ids.get(piece)
        if ids is not None:
            self._ids.move_to_end(piece)
            return ids
        ids = self._ids[piece] = self._encoded(piece)
        self._characters += len(piece)
        while self._characters > _KEPT_CHARACTERS and len(self._ids) > 1:
            self._characters -= len(self._ids.popitem(last=False)[0])
        return ids

    def _encoded(self, piece: str) -> array[int]:
        """The ids of a piece that is new: mostly it has grown by a character, and only its last line is."""
        starts = [match.end() for match in _LINE_END.finditer(piece)]
        cuts = [cut for at in starts if (cut := self._cut(piece, at, self._before))]
        if not cuts:
            return array("l", self._tokenizer.encode(piece))
        ids = array("l")
        for start, end in pairwise([0, *cuts, len(piece)]):
            ids += self._remembered(piece[start:end])
        return ids

    def _exact(self, before: bool) -> bool:
        whole = self._tokenizer.encode(_SAMPLE)
        starts = [at + 1 for at, character in enumerate(_SAMPLE[:-1]) if character == "\n"]
        cuts = [cut for at in starts if (cut := self._cut(_SAMPLE, at, before))]
        return bool(cuts) and all(
            self._tokenizer.encode(_SAMPLE[:cut]) + self._tokenizer.encode(_SAMPLE[cut:]) == whole
            for cut in cuts
        )

    @staticmethod
    def _cut(text: str, at: int, before: bool | None) -> int:
        """Where to cut for a line that starts at `at`; 0 for nowhere.

        Never inside a run of white space but at its one newline: tokenizers keep such runs together.
        """
        if before is None or not 1 < at < len(text) or text[at - 1] != "\n":
            return 0
        if text[at - 2].isspace() or text[at] == "\n":
            return 0
        return at - 1 if before else at
