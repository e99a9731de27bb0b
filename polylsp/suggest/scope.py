"""Where a line, or a block, is over: for generation to stop, and for the first of the filters."""

from __future__ import annotations

import re

from polylsp.syntax.languages import opens_block
from polylsp.types import Cursor, Mode

_CLOSER = re.compile(r"\s*([)\]}]|end\b)")


def floor(cursor: Cursor) -> int:
    """The least indentation, in columns, of lines that belong to the block at the cursor."""
    line = cursor.line_prefix
    header = line
    if not line.strip():
        above = cursor.snapshot.text[: cursor.offset - len(line)].rstrip()
        header = above[above.rfind("\n") + 1 :]
    if opens_block(cursor.snapshot.language, header):
        return indentation(header) + 1
    return indentation(line + "x")


def ended(text: str, mode: Mode, floor: int, explicit: bool) -> bool:
    """Whether nothing that is still to come behind `text` could be part of the answer."""
    if mode is Mode.LINE:
        body = text.lstrip() if explicit else text
        return "\n" in body
    past = _past(text, floor)
    if past is None:
        return False
    line = text[past:]
    return "\n" in line or not _closes(line)


def within(text: str, cursor: Cursor, mode: Mode, floor: int, explicit: bool) -> str:
    """What of `text` belongs to the line, or to the block and the line that closes it."""
    if mode is Mode.LINE:
        lead = len(text) - len(text.lstrip()) if explicit else 0
        end = text.find("\n", lead)
        return text if end < 0 else text[:end]
    past = _past(text, floor)
    if past is None:
        return text
    end = text.find("\n", past)
    line = text[past:] if end < 0 else text[past:end]
    if (
        end >= 0
        and _closes(line)
        and indentation(line) == floor - 1
        and not _closed_below(cursor, line)
    ):
        return text[:end]
    return text[: max(0, past - 1)]


def indentation(line: str) -> int:
    """Columns before the text of a line, a tab being four."""
    return len(line[: len(line) - len(line.lstrip())].expandtabs(4))


def _past(text: str, floor: int) -> int | None:
    """Where the first whole or begun line starts that is no longer in the block; None: none does.

    At the top of a file (floor 0) a blank line ends it.
    """
    at = text.find("\n")
    seen = bool(text[: at if at >= 0 else None].strip())
    while at >= 0:
        start = at + 1
        at = text.find("\n", start)
        line = text[start : at if at >= 0 else None]
        if line.strip():
            if indentation(line) < floor:
                return start
            seen = True
        elif at >= 0 and floor == 0 and seen:
            return start
    return None


def _closes(line: str) -> bool:
    return _CLOSER.match(line) is not None


def _closed_below(cursor: Cursor, line: str) -> bool:
    """Whether the next line with text behind the cursor starts as `line` does, at the same depth."""
    for below in cursor.suffix.split("\n")[1:]:
        if below.strip():
            same_depth = indentation(below) == indentation(line)
            return same_depth and below.lstrip()[:1] == line.lstrip()[:1]
    return False
