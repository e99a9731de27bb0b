"""Where a text starts to say the same thing over and over, as small models do.

Repetition is legitimate in code (tables, nested types, chains), so how much of it is a loop depends on what
is repeated: lines, phrases, words, or mere literals; and on whether the text ever got out of it again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from polylsp.types import Cursor

_REPEATED = re.compile(r"(?s)(.{2,80}?)\1+")
_WORD = re.compile(r"\w+")
_DANGLING = re.compile(r"[\s,;:.+\-*/%&|<>=!?^~(\[{\\]+$")
_MOST_LINES = 12  # In a block of lines that is looked for again right below itself.
# Words that fill tables: saying one of them four times is no loop.
_LITERALS = frozenset(
    ("true", "false", "True", "False", "null", "nil", "None", "NULL", "nullptr", "undefined")
)


def cut_loops(text: str, cursor: Cursor) -> str:
    """Up to where it starts to say the same thing over and over."""
    typed = cursor.line_prefix
    ends = [len(text)]
    ends += [end for end in (_line_loop(typed, text), _phrase_loop(typed, text)) if end is not None]
    return text[: max(0, min(ends))]


def substantial(line: str) -> bool:
    """Whether `line` says enough for its repetition to mean something: brackets and tables do not."""
    said = "".join(word for word in _WORD.findall(line) if word not in _LITERALS)
    return sum(character.isalpha() or character == "_" for character in said) >= 4


def _line_loop(typed: str, text: str) -> int | None:
    """Where in `text` a line, or a block of lines, stands right below itself again."""
    lines = [line.rstrip() for line in (typed + text).split("\n")]
    starts = [0]
    for line in (typed + text).split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for second in range(1, len(lines)):
        for size in range(1, min(second, len(lines) - second, _MOST_LINES) + 1):
            again = lines[second : second + size]
            if lines[second - size : second] == again and any(map(substantial, again)):
                return starts[second] - 1 - len(typed)
    return None


def _phrase_loop(typed: str, text: str) -> int | None:
    """Where in `text` a phrase was said once, if it goes on and on from there."""
    whole = typed + text
    for run in _runs(whole):
        if run.end > len(typed) and run.is_loop(whole):
            return _tidy(text, max(0, run.start + len(run.unit) - len(typed)))
    return None


def _tidy(text: str, end: int) -> int:
    """A better place than `end` to cut at: a line's end, or a place where nothing dangles."""
    end = len(text[:end].rstrip())
    if text[end : end + 1] in ("", "\n"):
        return end
    line = text.rfind("\n", 0, end)
    return line if line > 0 and text[:line].strip() else len(_DANGLING.sub("", text[:end]))


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of text that repeats its own start."""

    unit: str
    start: int
    end: int

    def is_loop(self, whole: str) -> bool:
        times = (self.end - self.start) / len(self.unit)
        return times >= self._enough(never_left=not whole[self.end :].strip())

    def _enough(self, never_left: bool) -> float:
        """How often in a row makes a loop; less where the text ends in the middle of it."""
        words = self._words()
        if not substantial(" ".join(words)):
            # A list of digits is data, however long. Twelve times NULL is none, nor is 1.0.0.0.0.0.0.0.0.
            data = not words or ("," in self.unit and not _LITERALS & set(words))
            return math.inf if data or not never_left else 12 if "," in self.unit else 8
        if len(words) >= 3 and len(self.unit) >= 12:
            return 2 if never_left and "\n" in self.unit else 2.5
        if len(words) == 2:
            return 3 if never_left else 4
        return 4 if never_left else 6

    def _words(self) -> list[str]:
        """The words of one repetition, wherever in a word it happens to start."""
        twice, thrice = _WORD.findall(self.unit * 2), _WORD.findall(self.unit * 3)
        count = len(thrice) - len(twice)
        return thrice[count : 2 * count]


def _runs(whole: str) -> Iterator[_Run]:
    """Stretches in which something is said at least twice in a row, from the left."""
    for found in _REPEATED.finditer(whole):
        unit, start, end = found.group(1), found.start(), found.end()
        while end < len(whole) and whole[end] == whole[end - len(unit)]:
            end += 1
        yield _Run(unit, start, end)
