"""An answer → what will probably be typed before the next one is asked for.

Either what was suggested, or Return and the next line's indentation. Editors indent by rules of their own: a
wrong guess costs a little work, and nothing that is seen.
"""

from __future__ import annotations

import re

from polylsp.syntax.languages import opens_block
from polylsp.types import Answer, Cursor, Silence

# Where there is nothing to add to a line that says something, it is over.
_OVER = {Silence.EMPTY, Silence.GATE, Silence.REPEAT}
_INDENT = re.compile(r"^(\t| {2,8})(?=\S)", re.MULTILINE)
_LOOKED_AT = 20_000  # Characters before the cursor.
_USUAL = "    "


def beyond(cursor: Cursor, answer: Answer) -> str:
    """What may be typed at `cursor`, where `answer` was given; "" where nothing says so."""
    if answer.suggestions:
        return answer.suggestions[0].text
    line = cursor.line_prefix
    if answer.silence in _OVER and line.strip() and not cursor.line_suffix:
        return "\n" + _indentation_below(cursor, line)
    return ""


def _indentation_below(cursor: Cursor, line: str) -> str:
    """How far the line below `line` starts, as editors have it."""
    indent = line[: len(line) - len(line.lstrip())]
    if not opens_block(cursor.snapshot.language, line):
        return indent
    return indent + ("\t" if "\t" in indent else _step(cursor))


def _step(cursor: Cursor) -> str:
    """One step of indentation, as the document has it."""
    before = cursor.snapshot.text[max(0, cursor.offset - _LOOKED_AT) : cursor.offset]
    steps = _INDENT.findall(before)
    return min(steps, key=len) if steps else _USUAL
