"""What is left of what was taken, some seconds and some minutes later.

The place of what was taken moves with the edits before it. An edit is found by comparing two texts, so
nothing has to report it. The clock is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from polylsp.journal.counts import MOMENTS, Key

Later = Callable[[float, Callable[[], None]], object]  # Call this in so many seconds.

_WORDS = re.compile(r"\w+|[^\w\s]")
_SURVIVES = 2 / 3  # Of what was taken.
_MOST = 5000  # Characters that are compared word by word.


@dataclass(slots=True, eq=False)
class Stretch:
    """Text that was taken, and where it stands by now."""

    key: Key
    text: str
    start: int
    end: int

    def move(self, start: int, end: int, length: int) -> None:
        """Follow an edit: `length` characters came in place of those from `start` to `end`."""
        by = length - (end - start)
        if end <= self.start:
            self.start, self.end = self.start + by, self.end + by
        elif start < self.end:
            self.start = min(self.start, start)
            self.end = max(self.end, end) + by


@dataclass(slots=True)
class _Document:
    text: str
    stretches: list[Stretch] = field(default_factory=list)


class Survival:
    """The documents that hold something taken lately."""

    def __init__(self, later: Later, count: Callable[[Key, str], None]) -> None:
        """`count` hears the name of each thing found."""
        self._later = later
        self._count = count
        self._documents: dict[str, _Document] = {}

    def follows(self, uri: str) -> bool:
        return uri in self._documents

    def take(self, key: Key, uri: str, text: str, start: int, end: int) -> Stretch:
        """Begin with what now stands in a document from `start` to `end`."""
        document = self._documents.setdefault(uri, _Document(text))
        document.text = text
        stretch = Stretch(key, text[start:end], start, end)
        document.stretches.append(stretch)
        for moment, seconds in MOMENTS.items():
            self._later(seconds, partial(self._look, uri, stretch, moment))
        return stretch

    def change(self, uri: str, text: str) -> None:
        document = self._documents.get(uri)
        if document is None:
            return
        start, end, length = edit(document.text, text)
        document.text = text
        for stretch in document.stretches:
            stretch.move(start, end, length)

    def forget(self, uri: str) -> None:
        """A document was closed: what came of what was taken there will not be known."""
        self._documents.pop(uri, None)

    def clear(self) -> None:
        self._documents.clear()

    def _look(self, uri: str, stretch: Stretch, moment: str) -> None:
        document = self._documents.get(uri)
        if document is None or stretch not in document.stretches:
            return
        now = document.text[stretch.start : stretch.end]
        self._count(stretch.key, f"looked{moment}")
        if kept(stretch.text, now) >= _SURVIVES:
            self._count(stretch.key, f"survived{moment}")
        if stretch.text in now:
            self._count(stretch.key, f"unchanged{moment}")
        if moment == list(MOMENTS)[-1]:
            document.stretches.remove(stretch)
            if not document.stretches:
                del self._documents[uri]


def edit(old: str, new: str) -> tuple[int, int, int]:
    """The smallest edit that makes `new` of `old`: from where, to where, and how much stands there now."""
    most = min(len(old), len(new))
    start = _common(most, lambda low, high: old[low:high] == new[low:high])
    behind = _common(
        most - start,
        lambda low, high: (
            old[len(old) - high : len(old) - low] == new[len(new) - high : len(new) - low]
        ),
    )
    return start, len(old) - behind, len(new) - behind - start


def _common(most: int, same: Callable[[int, int], bool]) -> int:
    """Up to where two texts are the same, `most` at most."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


def kept(then: str, now: str) -> float:
    """The share of `then` that is still there, in order and white space aside: 0 to 1."""
    from difflib import SequenceMatcher

    if then in now:
        return 1.0
    if len(then) + len(now) > _MOST:
        return _kept_lines(then, now)
    old, new = _WORDS.findall(then), _WORDS.findall(now)
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    same = sum(len(word) for at, _, size in blocks for word in old[at : at + size])
    return same / max(1, sum(map(len, old)))


def _kept_lines(then: str, now: str) -> float:
    lines = [line.strip() for line in then.split("\n")]
    return sum(len(line) for line in lines if line in now) / max(1, sum(map(len, lines)))
