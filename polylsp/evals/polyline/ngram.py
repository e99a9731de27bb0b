"""A 6-gram model with a cache of the file: the strongest of the old ways to foretell code.

Jelinek-Mercer: each order's relative frequencies are mixed with those of the order below. The cache is the same
again, of what stands above in the file, mixed in at each word (Hellendoorn & Devanbu 2017). The two weights are
the best of six pairs on 110 places of the development packages.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from polylsp.engine.memory import Ids
from polylsp.evals.polyline.words import Lexicon, words

ORDER = 6
LOWER = 0.3  # The share that the order below has.
CACHE = 0.7  # The share that the file has where both know what came before.
_MOST_WORDS = 40  # Of an answer.
_FREQUENT = 500  # Words that may follow where nothing is known of what came before.


class Counts:
    """What followed what in some text: its places in the order of the words before them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        before = [_moved(ids, back) for back in range(1, ORDER)]
        self._order = np.lexsort(before[::-1])
        self._columns = [one[self._order] for one in before]
        self._count = np.bincount(ids)
        self._frequent = np.argsort(-self._count, kind="stable")[:_FREQUENT].tolist()

    def following(
        self, before: Sequence[int], allowed: Collection[int] | None
    ) -> tuple[dict[int, float], int]:
        """How likely each word is behind the words `before`, and how many of them were met together.

        `allowed` are the only words that may come; None: any.
        """
        alone = self._frequent if allowed is None else allowed
        total = max(1, len(self._ids))
        likely = {
            word: int(self._count[word]) / total
            for word in alone
            if word < len(self._count) and self._count[word]
        }
        low, high, met = 0, len(self._order), 0
        for column, word in zip(self._columns, reversed(before), strict=False):
            start = int(np.searchsorted(column[low:high], word, "left"))
            end = int(np.searchsorted(column[low:high], word, "right"))
            low, high = low + start, low + end
            if low == high:
                break
            likely = _mixed(likely, self._ids[self._order[low:high]])
            met += 1
        if allowed is not None:
            likely = {word: one for word, one in likely.items() if word in allowed}
        return likely, met


def _moved(ids: Ids, back: int) -> Ids:
    """Of each place, what stands so many words before it."""
    return np.concatenate([np.zeros(min(back, len(ids)), np.uint32), ids[: len(ids) - back]])


def _mixed(lower: Mapping[int, float], followed: Ids) -> dict[int, float]:
    likely = {word: LOWER * one for word, one in lower.items()}
    found, count = np.unique(followed, return_counts=True)
    share = (1 - LOWER) / len(followed)
    for word, times in zip(found.tolist(), count.tolist(), strict=True):
        likely[word] = likely.get(word, 0.0) + share * times
    return likely


@dataclass(frozen=True, slots=True)
class Told:
    """What a baseline says, and how sure it is of it."""

    text: str
    confidence: float


class Ngram:
    """What other files say, and at each place the file above it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._lexicon = Lexicon()
        parts = [self._lexicon.ids(["\n", *words(text)]) for text in texts]
        self._others = Counts(np.concatenate([np.zeros(0, np.uint32), *parts]))

    def said(self, above: str) -> Told:
        """The rest of the line that `above` ends within, word by word the likeliest."""
        known = words(above)
        begun = known.pop() if known and _is_begun(known[-1]) else ""
        ids = self._lexicon.ids(["\n", *known])
        cache = Counts(ids)
        before, text, sure = ids.tolist(), "", 0.0
        for _ in range(_MOST_WORDS):
            word, likely = self._next(cache, before, begun)
            if word < 0 or self._lexicon.words[word].startswith("\n"):
                break
            text += self._lexicon.words[word][len(begun) :]
            sure += math.log(max(likely, 1e-12))
            before.append(word)
            begun = ""
        return Told(text, math.exp(sure))

    def _next(self, cache: Counts, before: Sequence[int], begun: str) -> tuple[int, float]:
        """The likeliest word, -1 where none is known; `begun` is what it must begin with."""
        recent, allowed = before[-(ORDER - 1) :], self._lexicon.beginning(begun)
        here, near = cache.following(recent, allowed)
        there, far = self._others.following(recent, allowed)
        share = CACHE if near >= far else 1 - CACHE
        likely = {word: share * one for word, one in here.items()}
        for word, one in there.items():
            likely[word] = likely.get(word, 0.0) + (1 - share) * one
        if not likely:
            return -1, 0.0
        total = sum(likely.values()) if begun else 1.0
        word = max(likely, key=lambda one: (likely[one], -one))
        return word, likely[word] / total


def _is_begun(word: str) -> bool:
    """Whether more letters may come to it."""
    return word[-1:].isalnum() or word.endswith("_")
