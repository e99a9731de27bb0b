"""The text filters: each takes text that would stand at a cursor and returns a start of it, or nothing.

Pure functions, in the order in which `refine` applies them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from polylsp.types import Cursor

_PAIRS = {")": "(", "]": "[", "}": "{"}
_LOOP = re.compile(r"(?s)(.{2,60}?)\1{4,}")
_STRING = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'(?!\w)""")
_BRACKET = re.compile(r"[()\[\]{}]")
_SCANNED = 2_000  # Characters before the cursor in which open brackets are looked for.


def cut_overlap(text: str, cursor: Cursor) -> str:
    """Without what stands behind the cursor on its line already: `foo(█)` needs no second bracket."""
    behind = cursor.line_suffix.strip()
    if not behind:
        return text
    first = behind[0]
    if first in "\"'`" and _count(cursor.line_prefix, first) % 2:
        quote = _find_unescaped(text, first)
        return text if quote < 0 else text[:quote]
    if first in _PAIRS:
        spare = len(_open(cursor.line_prefix)) - _closing_run(behind)
        at = _unmatched(text, max(0, spare))
        if at is not None and text[at] == first:
            return text[:at]
    for length in range(min(len(behind), len(text)), 0, -1):
        whole = length == len(behind)
        if text.endswith(behind[:length]) and (whole or not _has_word(behind)):
            return text[: len(text) - length]
    return text


def cut_dangling(text: str, cursor: Cursor) -> str:
    """Without a closing bracket that nothing before it opens, and what follows it."""
    before = cursor.snapshot.text[max(0, cursor.offset - _SCANNED) : cursor.offset]
    if len(before) == _SCANNED and not _open(before):
        return text  # What is open further up cannot be seen.
    at = _unmatched(text, len(_open(before)))
    return text if at is None else text[:at]


def cut_repeats(text: str, cursor: Cursor) -> str:
    """Without lines that stand right below the cursor already; nothing if it says the line above again."""
    lines = text.split("\n")
    first = (cursor.line_prefix + lines[0]).strip()
    above = cursor.snapshot.text[: cursor.offset - len(cursor.line_prefix)].rstrip()
    line_above = above[above.rfind("\n") + 1 :].strip()
    below = [line.rstrip() for line in cursor.suffix.split("\n")[1:] if line.strip()][:1]
    said = _substantial(first)
    if said and (first == line_above or (below and first == below[0].strip())):
        return ""
    for index, line in enumerate(lines[1:], 1):
        if below and line.rstrip() == below[0]:
            return "\n".join(lines[:index])
    return text


def cut_loops(text: str, cursor: Cursor) -> str:  # noqa: ARG001
    """Up to where it starts to say the same thing over and over."""
    lines = text.split("\n")
    for index, (line, following) in enumerate(pairwise(lines)):
        if line == following and _substantial(line):
            return "\n".join(lines[: index + 1])
    loop = _LOOP.search(text)
    if loop and _substantial(loop.group(1)):
        return text[: loop.end(1)]
    return text


def cut_trailing_space(text: str, cursor: Cursor) -> str:  # noqa: ARG001
    return text.rstrip()


def cut_short(text: str, cursor: Cursor, least: int) -> str:  # noqa: ARG001
    """Nothing, where fewer than `least` characters would be typed for the user, or only brackets."""
    visible = sum(not character.isspace() for character in text)
    return text if visible >= least and (least <= 1 or _has_word(text)) else ""


def word_border(text: str, end: int) -> int:
    """The last place at or before `end` that is not inside a word."""
    while 0 < end < len(text) and _is_word(text[end - 1]) and _is_word(text[end]):
        end -= 1
    return end


def _substantial(line: str) -> bool:
    return sum(map(_is_word, line)) >= 4


def _has_word(text: str) -> bool:
    return any(map(_is_word, text))


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _open(text: str) -> list[str]:
    """Opening brackets of `text` that nothing in it closes."""
    stack: list[str] = []
    for character in _BRACKET.findall(_masked(text)):
        if character in "([{":
            stack.append(character)
        elif character in _PAIRS and stack and stack[-1] == _PAIRS[character]:
            stack.pop()
    return stack


def _unmatched(text: str, spare: int) -> int | None:
    """Where a closing bracket stands that neither `text` opens nor one of `spare` brackets before it."""
    depth = spare
    for at, character in enumerate(_masked(text)):
        if character in "([{":
            depth += 1
        elif character in _PAIRS:
            if depth == 0:
                return at
            depth -= 1
    return None


def _masked(text: str) -> str:
    """`text` with its string literals blanked: brackets in them open and close nothing."""
    return _STRING.sub(lambda match: " " * len(match.group()), text)


def _closing_run(text: str) -> int:
    """Closing brackets in `text` beyond those it opens itself."""
    closing = 0
    stack = 0
    for character in text:
        if character in "([{":
            stack += 1
        elif character in _PAIRS:
            if stack:
                stack -= 1
            else:
                closing += 1
    return closing


def _count(text: str, quote: str) -> int:
    return len(re.findall(rf"(?<!\\){re.escape(quote)}", text))


def _find_unescaped(text: str, quote: str) -> int:
    found = re.search(rf"(?<!\\){re.escape(quote)}", text)
    return found.start() if found else -1
