"""Where an editor asks: a place in a text, and what is missing behind it.

The rest of a line, a few lines or a block; what an editor has closed by itself stays behind the hole.
"""

from __future__ import annotations

from random import Random

_KINDS = ("line", "lines", "block")
_SHARES = (0.55, 0.2, 0.25)
_AT_INDENTATION = 0.4  # Of the places: a line that was just opened.
_CLOSED = 0.2  # Of the holes: some brackets behind them are there already.
_MOST_CLOSED = 3
_CLOSERS = ")]};,\"'>"
_MOST_LINES = 4
_LONGEST_BLOCK = 30  # Lines.


def hole(text: str, start: int, stop: int, random: Random) -> tuple[int, int] | None:
    """A place between `start` and `stop`, and the end of what is missing there; None: nothing is there."""
    at = _place(text, start, stop, random)
    if at is None:
        return None
    kind = random.choices(_KINDS, _SHARES)[0]
    if kind == "line":
        end = line_end(text, at)
    elif kind == "lines":
        end = _lines_on(text, at, random.randint(1, _MOST_LINES))
    else:
        end = _block_end(text, at)
    if random.random() < _CLOSED:
        end = _before_closers(text, at, end, random.randint(1, _MOST_CLOSED))
    return at, end


def line_end(text: str, at: int) -> int:
    """Where the line that `at` is in ends, before its line feed."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _place(text: str, start: int, stop: int, random: Random) -> int | None:
    """Behind an indentation, or anywhere in a line that is not blank."""
    for _ in range(8):
        at = random.randrange(start, stop) if start < stop else start
        begin, end = text.rfind("\n", 0, at) + 1, line_end(text, at)
        line = text[begin:end]
        if line.strip():
            indented = begin + len(line) - len(line.lstrip())
            if random.random() < _AT_INDENTATION:
                return indented
            return random.randrange(indented, end)
    return None


def _lines_on(text: str, at: int, count: int) -> int:
    end = line_end(text, at)
    for _ in range(count):
        if end >= len(text):
            break
        end = line_end(text, end + 1)
    return end


def _block_end(text: str, at: int) -> int:
    """The end of the last line that goes on with this one's block, or with the one that it opens."""
    begin, end = text.rfind("\n", 0, at) + 1, line_end(text, at)
    own = _indentation(text[begin:end])
    least = own
    for number in range(_LONGEST_BLOCK):
        if end >= len(text):
            break
        line_stop = line_end(text, end + 1)
        line = text[end + 1 : line_stop]
        if line.strip():
            deep = _indentation(line)
            if number == 0 and deep > own:
                least = own + 1  # It opens one.
            if deep < least:
                break
        end = line_stop
    return at + len(text[at:end].rstrip("\n"))


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _before_closers(text: str, at: int, end: int, most: int) -> int:
    for _ in range(most):
        if end - 1 > at and text[end - 1] in _CLOSERS:
            end -= 1
    return end
