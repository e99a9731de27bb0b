"""Source text → words and signs, for baselines that know no tokenizer. Joined, they are the text again."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from polylsp.engine.memory import Ids

_WORD = re.compile(r"\n[ \t]*|[ \t]+|\w+|[^\w\s]|\s")


def words(text: str) -> list[str]:
    """A line end goes with the indentation behind it; each sign stands alone."""
    return _WORD.findall(text)


class Lexicon:
    """Numbers for words, given as they come."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._ids: dict[str, int] = {}

    def ids(self, found: Sequence[str]) -> Ids:
        return np.array([self._id(word) for word in found], np.uint32)

    def beginning(self, begun: str) -> set[int] | None:
        """The words that begin so; None for any, where nothing is begun."""
        if not begun:
            return None
        return {at for at, word in enumerate(self.words) if word.startswith(begun)}

    def _id(self, word: str) -> int:
        known = self._ids.setdefault(word, len(self.words))
        if known == len(self.words):
            self.words.append(word)
        return known
