"""Who suggests while somebody types: polylsp behind an editor's manners, or a rival with its own.

A contestant is both, the client and the engine behind it: how long it waits before it asks, what it keeps and
what it cancels are its own. The typist only presses keys and looks at the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion on the screen."""

    offset: int  # Where the cursor stands, and the text would be put in.
    text: str


@dataclass(slots=True)
class Press:
    """One key, and what came of it. Times are `time.perf_counter`'s, in seconds."""

    at: float
    offset: int  # Of the cursor, behind the key.
    asked: float | None = None  # When the client asked for this key; None: it did not get to.
    answered: float | None = None  # When the answer for this very key was there, an empty one too.
    text: str = ""  # What it was; "" for nothing.
    typed_through: bool = False  # Whether the client, or the engine, had it from before.


class Contestant(Protocol):
    """One client and one engine, one document open at a time."""

    name: str
    delay: float  # Seconds that its client waits by itself between a key and asking.
    presses: list[Press]  # Of all documents, oldest first.

    def open(self, uri: str, language_id: str, text: str, offset: int) -> None:
        """Show a document, its cursor at `offset`."""
        ...

    def press(self, start: int, end: int, text: str, offset: int) -> None:
        """Put `text` in place of the characters from `start` to `end`; the cursor is at `offset` then.

        Returns at once. An accepted suggestion comes the same way, as its text.
        """
        ...

    def screen(self) -> Shown | None:
        """What is to be seen now."""
        ...

    def settle(self, seconds: float) -> None:
        """Wait until the last key has its answer, and nothing more is computed."""
        ...

    def close(self) -> None:
        """Close the document."""
        ...

    def cpu_seconds(self) -> float:
        """Processor time that the engine, and a client of any weight, have taken so far."""
        ...

    def figures(self) -> dict[str, Any]:
        """What it tells of itself: counts of tokens and passes."""
        ...

    def quit(self) -> None: ...
