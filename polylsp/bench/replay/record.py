"""What is written down while a piece is typed, however that is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from polylsp.bench.replay.pieces import Piece
from polylsp.bench.replay.rules import is_block


@dataclass(slots=True)
class Show:
    """One suggestion, for as long as it survives what is typed."""

    offset: int
    text: str  # As it was when it appeared.
    right: bool  # Whether the file goes on with exactly that.
    confidence: float | None = None  # Where it is known.
    accepted: int = 0  # Characters.
    since: float = 0.0  # When it appeared, or appeared again.
    noticed: float = 0.0  # Seconds that noticing it takes.

    @property
    def block(self) -> bool:
        return is_block(self.text)


@dataclass(slots=True)
class Typed:
    """What came of one piece."""

    piece: Piece
    first: int = 0  # Index of its first press among the contestant's …
    last: int = 0  # … and of the first that is not its own.
    astray: set[int] = field(
        default_factory=set
    )  # Presses that left text or cursor not as in the file.
    shows: list[Show] = field(default_factory=list)
    offered: set[int] = field(default_factory=set)  # Offsets with an answer that was not empty.
    accepts: int = 0  # Keys that accepted; one a suggestion, unless it is taken word by word.
    flickers: int = 0
    seconds: float = 0.0  # From the first key to the last.
    cpu_seconds: float = 0.0  # Until nothing more is computed.
    before: dict[str, Any] = field(default_factory=dict)  # What the contestant told of itself.
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> int:
        return self.last - self.first

    @property
    def completed(self) -> int:
        """Characters that were accepted."""
        return sum(show.accepted for show in self.shows)

    def told(self, name: str) -> float | None:
        """By how much one of the contestant's counters grew; None where it has no such."""
        now = self.after.get(name)
        return None if now is None else float(now) - float(self.before.get(name) or 0)
