"""Suggestions already made, found again by what stands around the cursor.

Typed-through: the user typed the start of a suggestion, so the rest of it still holds. An entry serves any
cursor whose prefix is the entry's prefix and then a start of its text, with the same suffix. That there was
nothing to suggest holds for its own place only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

from polylsp.suggest.refine import still_good
from polylsp.types import Cursor, Silence, Suggestion

_SILENCES = 64  # The last ones are the ones that are asked for again.
# What the model said there, and would say again; other silences have passed by the next time.
_LASTING = {Silence.EMPTY, Silence.REPEAT, Silence.SYNTAX, Silence.SHORT, Silence.UNSURE}


@dataclass(frozen=True, slots=True)
class _Entry:
    """Texts and where they were made. Hashes stand for the document, which is not kept alive."""

    document: tuple[str, str]  # Its address and language.
    offset: int
    prefix: bytes
    suffix: bytes
    explicit: bool
    # With what else is told of them: confidence, memory, origin. Best first.
    texts: tuple[tuple[str, tuple[float, float, str]], ...]
    end: int  # Where the longest text would end.

    def left_at(self, cursor: Cursor) -> tuple[Suggestion, ...]:
        """What is left of the texts once what lies between here and `cursor` was typed.

        It keeps the confidence of the whole: still the same suggestion, seen once and taken once. Given what
        was typed it would be likelier, but then again, whoever goes on typing has not taken it.
        """
        typed = cursor.snapshot.text[self.offset : cursor.offset]
        return tuple(
            Suggestion(cursor, text[len(typed) :], *told)
            for text, told in self.texts
            if len(text) > len(typed) and text.startswith(typed)
        )


class Cache:
    """The last suggestions. The engine thread writes, the event loop reads."""

    def __init__(self, size: int) -> None:
        """`size`: how many places to remember; 0 for none."""
        self._size = size
        self._entries: OrderedDict[tuple[Hashable, ...], _Entry] = OrderedDict()
        self._silences: OrderedDict[tuple[Hashable, ...], Silence] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def store(self, cursor: Cursor, suggestions: tuple[Suggestion, ...], explicit: bool) -> None:
        """Remember what was suggested at `cursor`."""
        texts = tuple((one.text, (one.confidence, one.memory, one.origin)) for one in suggestions)
        if not self._size or not texts:
            return
        document, prefix, suffix = _place(cursor)
        end = cursor.offset + max(len(text) for text, _ in texts)
        entry = _Entry(document, cursor.offset, prefix, suffix, explicit, texts, end)
        with self._lock:
            keep(self._entries, (document, prefix, suffix, explicit), entry, self._size)

    def store_silence(self, cursor: Cursor, silence: Silence, explicit: bool) -> None:
        """Remember that there is nothing to suggest at `cursor`, where that will be so the next time."""
        if self._size and silence in _LASTING:
            key = (*_place(cursor), explicit)
            with self._lock:
                keep(self._silences, key, silence, _SILENCES)

    def silence(self, cursor: Cursor, explicit: bool) -> Silence | None:
        """Why there is nothing to suggest at `cursor`, if that is known."""
        if not self._silences:
            return None
        key = (*_place(cursor), explicit)
        with self._lock:
            return self._silences.get(key)

    def find(self, cursor: Cursor, explicit: bool) -> tuple[Suggestion, ...]:
        """What still holds of the newest suggestion that fits, best first; empty where none does.

        Asked by hand, only answers to requests by hand will do: others may have been cut short.
        """
        at, document, suffix = cursor.offset, _document(cursor), b""
        with self._lock:
            near = [one for one in self._entries.values() if one.offset <= at < one.end]
        for entry in reversed(near):
            if entry.document != document or (explicit and not entry.explicit):
                continue
            left = entry.left_at(cursor)
            if not left:
                continue
            suffix = suffix or _hash(cursor.suffix)
            prefix = cursor.snapshot.text[: entry.offset]
            if entry.suffix == suffix and entry.prefix == _hash(prefix):
                good = tuple(one for one in left if still_good(one))
                if good:
                    return good
        return ()

    def holds(self, cursor: Cursor, explicit: bool) -> bool:
        """Whether something was suggested at just this place."""
        with self._lock:
            return (*_place(cursor), explicit) in self._entries

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._silences.clear()


_Key = TypeVar("_Key", bound=Hashable)
_Kept = TypeVar("_Kept")


def keep(kept: OrderedDict[_Key, _Kept], key: _Key, value: _Kept, most: int) -> None:
    """Put `value` in as the newest; of more than `most` the oldest give way."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)


def _place(cursor: Cursor) -> tuple[tuple[str, str], bytes, bytes]:
    return _document(cursor), _hash(cursor.prefix), _hash(cursor.suffix)


def _document(cursor: Cursor) -> tuple[str, str]:
    return cursor.snapshot.uri, cursor.snapshot.language


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
