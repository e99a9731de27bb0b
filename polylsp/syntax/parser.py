"""Parse snapshots, incrementally, within bounds of size and time.

Every character beyond ASCII is shown to the parser as one byte, so bytes are code points and no offset
needs converting. The last tree of each document is kept; the edit that leads to the next one is found by
comparing texts, so nobody has to report it.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import tree_sitter

from polylsp.syntax.languages import find, grammar
from polylsp.types import Snapshot

MOST_CHARACTERS = 1_000_000
_SECONDS = (
    0.25  # Of one processor, for one parse: broken code can keep error recovery busy for long.
)
_PATIENCE = 50  # How often a document whose parse took too long is passed over before the next try.
_KEPT = 32  # Documents whose last tree is kept …
_KEPT_CHARACTERS = 4_000_000  # … and how much text they may have together.

_MOST_READ = 4096  # Bytes that a parser is given at once.

_SPACE = re.compile(r"[^\S\x00-\x7f]|\x00")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed text. Offsets of its nodes (`start_byte`) are code points."""

    language: str
    source: bytes
    root: tree_sitter.Node
    _tree: tree_sitter.Tree
    _windows: _Windows
    # What was found in it, by what was looked for: kept, since neither changes.
    found: dict[object, Any] = field(default_factory=dict, compare=False)

    def inserted(self, offset: int, text: str) -> Tree | None:
        """The tree as it would be with `text` at `offset`; None where parsing took too long."""
        source = self.source[:offset] + _one_byte_each(text) + self.source[offset:]
        return _parse(self.language, source, self, self._windows)


_Key = tuple[str, str]  # A document's URI, and how its text was repaired, if it was.


class Trees:
    """The last tree of each document. Any of them may be dropped at any time."""

    def __init__(self) -> None:
        self._trees: OrderedDict[_Key, Tree] = OrderedDict()
        self._hopeless: OrderedDict[_Key, _Hopeless] = OrderedDict()
        self._windows = _Windows()

    def parse(self, snapshot: Snapshot) -> Tree | None:
        """The tree of `snapshot`.

        None for a language without grammar, and for a text that is too big or took too long; the latter
        is tried again when it is a tenth shorter, and now and then. Of code with errors it may, rarely, be
        another reading than the text alone would give: tree-sitter starts from the last one.
        """
        text, key = snapshot.text, (snapshot.uri, "")
        if find(snapshot.language) is None or len(text) > MOST_CHARACTERS:
            return None
        hopeless = self._hopeless.get(key)
        if hopeless and hopeless.still(text):
            return None
        return self._grow(key, snapshot.language, _one_byte_each(text))

    def parse_repaired(self, uri: str, repair: str, language: str, source: bytes) -> Tree | None:
        """The tree of a document's text after a repair of that name; None where it took too long."""
        return self._grow((uri, repair), language, source)

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document."""
        for known in (self._trees, self._hopeless):
            for key in [key for key in known if key[0] == uri]:
                known.pop(key)

    def clear(self) -> None:
        self._trees.clear()
        self._hopeless.clear()

    def _grow(self, key: _Key, language: str, source: bytes) -> Tree | None:
        """The tree of `source`, grown out of the last one under the same key."""
        old = self._trees.pop(key, None)
        if old and old.language != language:
            old = None
        same = old is not None and old.source == source
        tree = old if same else _parse(language, source, old, self._windows)
        if tree is None:
            self._hopeless[key] = _Hopeless(len(source))
            if len(self._hopeless) > _KEPT:
                self._hopeless.popitem(last=False)
            return None
        self._hopeless.pop(key, None)
        self._trees[key] = tree
        self._evict()
        return tree

    def _evict(self) -> None:
        """Drop the least recently used trees until the rest are within bounds."""
        characters = sum(len(tree.source) for tree in self._trees.values())
        while len(self._trees) > 1 and (len(self._trees) > _KEPT or characters > _KEPT_CHARACTERS):
            characters -= len(self._trees.popitem(last=False)[1].source)


@dataclass(slots=True)
class _Hopeless:
    """A text that took too long."""

    length: int
    passed_over: int = 0

    def still(self, text: str) -> bool:
        self.passed_over += 1
        return self.passed_over <= _PATIENCE and len(text) > 0.9 * self.length


def _one_byte_each(text: str) -> bytes:
    if not text.isascii():
        text = _BEYOND_ASCII.sub("x", _SPACE.sub(" ", text))
    return text.replace("\x00", " ").encode("ascii")


class _Windows:
    """What parsers read through. The bindings hold on to all that they are given: so it is always the same few."""

    def __init__(self) -> None:
        self._by_size: dict[int, bytearray] = {}

    def read(self, source: bytes, start: int) -> bytearray | bytes:
        """Some of `source` from `start` on, until the next call; nothing at its end."""
        left = min(len(source) - start, _MOST_READ)
        if left <= 0:
            return b""
        size = 1 << left.bit_length() - 1
        window = self._by_size.setdefault(size, bytearray(size))
        window[:] = source[start : start + size]
        return window


def _parse(language: str, source: bytes, old: Tree | None, windows: _Windows) -> Tree | None:
    parser = tree_sitter.Parser(grammar(language))
    # The thread's own time: a machine that is busy with something else makes no text hopeless.
    deadline = time.thread_time() + _SECONDS

    parsing = True

    def read(offset: int, _: object) -> bytearray | bytes:
        # Afterwards queries read through it, too; they know bytes alone.
        return windows.read(source, offset) if parsing else source[offset : offset + 65536]

    def too_long(_offset: int, _has_error: bool) -> bool:
        return time.thread_time() > deadline

    try:
        if old is None:
            tree = parser.parse(read, progress_callback=too_long)
        else:
            before = old._tree.copy()
            _mark_edit(before, old.source, source)
            tree = parser.parse(read, before, progress_callback=too_long)
    except ValueError:  # What the bindings raise for a parse that was given up.
        return None
    finally:
        parsing = False
    return Tree(language, source, tree.root_node, tree, windows)


def _mark_edit(tree: tree_sitter.Tree, before: bytes, after: bytes) -> None:
    """Tell `tree`, made of `before`, the one stretch in which `after` differs."""
    start = _common_start(before, after)
    most = min(len(before), len(after)) - start
    end = _common_end(before, after, most)
    old_end, new_end = len(before) - end, len(after) - end
    tree.edit(
        start_byte=start,
        old_end_byte=old_end,
        new_end_byte=new_end,
        start_point=_point(after, start),
        old_end_point=_point(before, old_end),
        new_end_point=_point(after, new_end),
    )


def _point(source: bytes, offset: int) -> tuple[int, int]:
    return source.count(b"\n", 0, offset), offset - source.rfind(b"\n", 0, offset) - 1


def _common_start(a: bytes, b: bytes) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(a: bytes, b: bytes, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low
