"""The file that is typed: an example of ours, or the one that was given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from polylsp.errors import PolyError

EXAMPLE = Path(__file__).with_name("ledger.go")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A source file. Its head is there before anybody types; the rest is what can be typed for show."""

    path: Path
    text: str
    start: int  # Where the head ends, in code points.

    @property
    def head(self) -> str:
        return self.text[: self.start]


def read(path: Path | None) -> Lesson:
    """The lesson of a file, the example if it is None. Raises PolyError where it cannot be read."""
    path = path or EXAMPLE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolyError(f"{path} cannot be read: {error}") from error
    # The lines are those that the screen will have: it ends them at form feeds as well.
    text = "\n".join([*text.splitlines(), ""])
    return Lesson(path.absolute(), text, _start(text))


def _start(text: str) -> int:
    """Behind the first empty line in the second third; else that third's first line; else the start."""
    third = len(text) // 3
    empty = text.find("\n\n", third, 2 * third)
    if empty >= 0:
        return empty + 2
    return text.rfind("\n", 0, third + 1) + 1
