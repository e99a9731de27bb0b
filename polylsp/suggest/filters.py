"""The text filters: each takes text that would stand at a cursor and returns a start of it, or nothing.

Pure functions, in the order in which `refine` applies them; `loops.cut_loops` is one more.
"""

from __future__ import annotations

import re

from polylsp.suggest import scope
from polylsp.suggest.brackets import Before, open_literal, too_much
from polylsp.suggest.loops import substantial
from polylsp.syntax.languages import opens_block
from polylsp.types import Cursor

_ELISION = re.compile(r"^[ \t]*(//|\#)[ \t]*\.\.\.[ \t]*$|\{ \.\.\. \}", re.MULTILINE)
_BRACE = re.compile(r"[ \t]*\}")
_BLOCK_CLOSERS = {"ruby": re.compile(r"[ \t]*end\b"), "python": re.compile(r"(?!)")}
_QUOTES = "\"'`"
_MOST_LINES = 12  # Above the cursor in which a repeated block of lines is looked for.


def cut_elision(text: str, cursor: Cursor) -> str:  # noqa: ARG001
    """Without what stands in prompts for code that was left out, and what follows it: models pick it up."""
    found = _ELISION.search(text)
    return text[: found.start()] if found else text


def cut_overlap(text: str, cursor: Cursor) -> str:
    """Without what stands behind the cursor on its line already: `foo(█)` needs no second bracket."""
    behind = cursor.line_suffix.strip()
    if not behind:
        return text
    if behind[0] in _QUOTES and _quoted_by(behind[0], cursor):
        return text[: _unescaped(text, behind[0])]
    at = too_much(Before.of(cursor), text, behind)
    if at is not None and text[at] == behind[0]:
        return text[:at]
    for length in range(min(len(behind), len(text)), 0, -1):
        if text.endswith(behind[:length]) and _at_borders(text, behind, length):
            return text[: len(text) - length]
    return text


def cut_dangling(text: str, cursor: Cursor) -> str:
    """Without a closing bracket that nothing before it opens, or that is there already, and what follows it."""
    return text[: too_much(Before.of(cursor), text, cursor.line_suffix)]


def cut_misplaced(text: str, cursor: Cursor) -> str:
    """Nothing, if it would close a block on a line that stands too far in for that.

    Its place is right under the block's header, or further out than the line above.
    """
    line, language = cursor.line_prefix, cursor.snapshot.language
    closer = _BLOCK_CLOSERS.get(language, _BRACE)
    column = scope.indentation(line + text)
    if line.strip() or not column or not closer.match(text):
        return text
    above = cursor.prefix.rstrip()
    above = above[above.rfind("\n") + 1 :]
    opened = opens_block(language, above) or above.endswith(("(", "["))
    depth = scope.indentation(above)
    return text if (column == depth if opened else column < depth) else ""


def cut_repeats(text: str, cursor: Cursor) -> str:
    """Without lines that stand right below the cursor already; nothing if it says the lines above again."""
    lines = (cursor.line_prefix + text).split("\n")
    below = scope.below(cursor)
    if _says_again(lines, _above(cursor)):
        return ""
    first = lines[0].strip()
    if first == below.strip() and substantial(first):
        return ""
    for index, line in enumerate(lines[1:], 1):
        if below and line.rstrip() == below:
            return "\n".join(lines[:index])[len(cursor.line_prefix) :]
    return text


def cut_trailing_space(text: str, cursor: Cursor) -> str:  # noqa: ARG001
    return text.rstrip()


def cut_short(text: str, cursor: Cursor, least: int) -> str:  # noqa: ARG001
    """Nothing, where fewer than `least` characters would be typed for the user, or only brackets."""
    visible = sum(not character.isspace() for character in text)
    return text if visible >= least and (least <= 1 or any(map(is_word, text))) else ""


def word_border(text: str, end: int) -> int:
    """The last place at or before `end` that is not inside a word."""
    while 0 < end < len(text) and is_word(text[end - 1]) and is_word(text[end]):
        end -= 1
    return end


def is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _quoted_by(quote: str, cursor: Cursor) -> bool:
    """Whether the cursor stands in a string that `quote` ends."""
    line = cursor.line_prefix
    start = open_literal(line, cursor.snapshot.language)
    return start is not None and line[start:].lstrip("@")[:1] == quote


def _unescaped(text: str, quote: str) -> int:
    """Where the first `quote` stands in `text` that no backslash escapes; its end if there is none."""
    at = 0
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return min(at, len(text))


def _at_borders(text: str, behind: str, length: int) -> bool:
    """Whether the last `length` characters of `text`, which start `behind`, are whole words in both."""
    start = len(text) - length
    return word_border(text, start) == start and word_border(behind, length) == length


def _above(cursor: Cursor) -> list[str]:
    """The last lines above the cursor's that say something, in file order."""
    end = cursor.offset - len(cursor.line_prefix)
    found: list[str] = []
    while end > 0 and len(found) < _MOST_LINES:
        start = cursor.snapshot.text.rfind("\n", 0, end - 1) + 1
        line = cursor.snapshot.text[start : end - 1]
        if line.strip():
            found.append(line.strip())
        end = start
    return found[::-1]


def _says_again(lines: list[str], above: list[str]) -> bool:
    """Whether `lines` start with the block of lines that `above` ends with."""
    said = [line.strip() for line in lines if line.strip()]
    return any(
        said[:size] == above[-size:] and any(map(substantial, said[:size]))
        for size in range(1, min(len(said), len(above)) + 1)
    )
