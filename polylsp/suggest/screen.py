"""What the user sees, and what they made of it: a suggestion that was turned down is not shown there again.

Editors do not tell, so it is read from what is typed next. Turned down is what something else was typed
against, and what was taken, or typed, to its end and then deleted. The event loop writes, the engine thread
reads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from polylsp.suggest.cache import keep
from polylsp.types import Cursor, Suggestion

_DOCUMENTS = 64  # Whose suggestions are remembered.
_TURNED_DOWN = 256
_AROUND = 200  # Characters, each way.


@dataclass(slots=True)
class _Shown:
    cursor: Cursor
    texts: tuple[str, ...]
    whole: bool = False  # One of them stands in the document.


class Screen:
    """The last suggestions of each document, and what was turned down lately."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, _Shown] = OrderedDict()
        self._turned_down: OrderedDict[tuple[str, str, str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def show(self, cursor: Cursor, suggestions: Sequence[Suggestion]) -> None:
        """Note that these are what is seen at `cursor`."""
        uri, texts = cursor.snapshot.uri, tuple(one.text for one in suggestions)
        shown = self._shown.get(uri)
        if texts:
            keep(self._shown, uri, _Shown(cursor, texts), _DOCUMENTS)
        elif shown and not shown.whole:
            del self._shown[uri]

    def move(self, now: Cursor) -> None:
        """Note where the cursor is after a key."""
        uri = now.snapshot.uri
        shown = self._shown.get(uri)
        if shown is None:
            return
        typed = shown.cursor.until(now)
        if typed is None:
            del self._shown[uri]
            return
        left = [text for text in shown.texts if text.startswith(typed) and text != typed]
        if any(typed.startswith(text) for text in shown.texts):
            shown.whole = True
        elif not left:
            del self._shown[uri]
            for text in shown.texts:
                apart = next(at for at, ours in enumerate(text) if not typed.startswith(ours, at))
                self._turn_down(shown.cursor.typed(text[:apart]), text[apart:])
        elif shown.whole:
            for text in left:
                self._turn_down(now, text[len(typed) :])

    def turned_down(self, suggestion: Suggestion) -> bool:
        """Whether just this was turned down where it would be shown."""
        key = _key(suggestion.cursor, suggestion.text)
        with self._lock:
            return key in self._turned_down

    def forget(self, uri: str) -> None:
        """Drop what is seen of a closed document."""
        self._shown.pop(uri, None)

    def _turn_down(self, cursor: Cursor, text: str) -> None:
        with self._lock:
            keep(self._turned_down, _key(cursor, text), None, _TURNED_DOWN)


def _key(cursor: Cursor, text: str) -> tuple[str, str, str, str]:
    """A place is known by what stands around it, so that it stays the same while the rest changes."""
    snapshot, at = cursor.snapshot, cursor.offset
    before = snapshot.text[max(0, at - _AROUND) : at]
    return snapshot.uri, before, snapshot.text[at : at + _AROUND], text
