"""What the user sees, and what they made of it: typed along with it stays, turned down it does not come back.

Editors do not tell, so it is read from what is typed next. Turned down is what something else was typed
against, and what was taken, or typed, to its end and then deleted. The event loop writes, the engine thread
reads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from polylsp.suggest.cache import keep
from polylsp.suggest.refine import still_good
from polylsp.types import Cursor, Suggestion

_DOCUMENTS = 64  # Whose suggestions are remembered.
_TURNED_DOWN = 256
_AROUND = 200  # Characters, each way.


@dataclass(slots=True)
class _Shown:
    cursor: Cursor  # Where they were first seen.
    suggestions: tuple[Suggestion, ...]
    whole: bool = False  # One of them stands in the document.

    @property
    def texts(self) -> list[str]:
        return _texts(self.suggestions)

    def left_at(self, now: Cursor) -> tuple[Suggestion, ...]:
        """What is seen of them at `now`, if they were only typed along with until there."""
        typed = None if self.whole else self.cursor.until(now)
        if typed is None:
            return ()
        return tuple(
            replace(one, cursor=now, text=one.text[len(typed) :])
            for one in self.suggestions
            if one.text.startswith(typed) and one.text != typed
        )


class Screen:
    """The last suggestions of each document, and what was turned down lately."""

    def __init__(self) -> None:
        self._shown: OrderedDict[str, _Shown] = OrderedDict()
        self._turned_down: OrderedDict[tuple[str, str, str, str], None] = OrderedDict()
        self._lock = threading.RLock()

    def show(self, cursor: Cursor, suggestions: Sequence[Suggestion]) -> None:
        """Note that these are what is seen at `cursor`."""
        uri = cursor.snapshot.uri
        with self._lock:
            shown = self._shown.get(uri)
            if not suggestions:
                if shown and not shown.whole:
                    del self._shown[uri]
                return
            # Where it is still the same, what was typed of it may be taken back.
            if shown is None or _texts(shown.left_at(cursor)) != _texts(suggestions):
                shown = _Shown(cursor, tuple(suggestions))
            keep(self._shown, uri, shown, _DOCUMENTS)

    def left(self, now: Cursor) -> tuple[Suggestion, ...]:
        """What is seen there already and is worth being shown still, best first."""
        with self._lock:
            shown = self._shown.get(now.snapshot.uri)
            found = shown.left_at(now) if shown else ()
        return tuple(one for one in found if still_good(one))

    def move(self, now: Cursor) -> None:
        """Note where the cursor is after a key."""
        with self._lock:
            if (shown := self._shown.get(now.snapshot.uri)) is not None:
                self._move(shown, now)

    def turned_down(self, suggestion: Suggestion) -> bool:
        """Whether just this was turned down where it would be shown."""
        key = _key(suggestion.cursor, suggestion.text)
        with self._lock:
            return key in self._turned_down

    def forget(self, uri: str) -> None:
        """Drop what is seen of a closed document."""
        with self._lock:
            self._shown.pop(uri, None)

    def clear(self) -> None:
        """Drop what is seen; what was turned down stays so."""
        with self._lock:
            self._shown.clear()

    def _move(self, shown: _Shown, now: Cursor) -> None:
        uri, typed = now.snapshot.uri, shown.cursor.until(now)
        if typed is None:
            now = Cursor(now.snapshot, now.offset + 1)
            typed = shown.cursor.until(now)
            # Two brackets in one go: not the editor closed what was opened, but both are what was seen.
            if typed is None or not any(text.startswith(typed) for text in shown.texts):
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

    def _turn_down(self, cursor: Cursor, text: str) -> None:
        with self._lock:
            keep(self._turned_down, _key(cursor, text), None, _TURNED_DOWN)


def _texts(suggestions: Sequence[Suggestion]) -> list[str]:
    return [one.text for one in suggestions]


def _key(cursor: Cursor, text: str) -> tuple[str, str, str, str]:
    """A place is known by what stands around it, so that it stays the same while the rest changes."""
    snapshot, at = cursor.snapshot, cursor.offset
    before = snapshot.text[max(0, at - _AROUND) : at]
    return snapshot.uri, before, snapshot.text[at : at + _AROUND], text
