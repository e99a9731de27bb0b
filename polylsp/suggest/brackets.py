"""Brackets and literals in a stretch of source, without a parse: what is open, what closes too much.

Knows how the twelve languages write comments and strings. Where it cannot be sure (a regular expression, a
window that starts far below the file's top) it errs towards "still open".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from polylsp.types import Cursor

_OPENERS = {")": "(", "]": "[", "}": "{"}
_CLOSING = re.compile(r"[)\]}]")
_BRACKET = re.compile(r"[()\[\]{}]")
_WINDOW = 4_000  # Characters before the cursor in which open brackets are looked for.


@dataclass(frozen=True, slots=True)
class Before:
    """The text before a cursor, as far back as it is looked at."""

    text: str
    language: str
    whole: bool  # Whether it starts where the file does.

    @classmethod
    def of(cls, cursor: Cursor) -> Before:
        text, language = cursor.prefix, cursor.snapshot.language
        if len(text) <= _WINDOW:
            return cls(text, language, whole=True)
        start = text.find("\n", len(text) - _WINDOW) + 1 or len(text) - _WINDOW
        for mark, end in _long_marks(language):
            if _inside(text, start, mark, end):
                start = text.find(end, start) + len(end)
        return cls(text[start:], language, whole=False)


def too_much(before: Before, text: str, behind: str = "") -> int | None:
    """Where in `text` a bracket closes what it may not close; None: nowhere.

    That is what nothing opened, and what the brackets that start `behind` (the rest of the cursor's line)
    close already.
    """
    if not _CLOSING.search(text):
        return None
    start = len(before.text)
    code = masked(before.text + text, before.language)
    closing = _closing_run(masked(behind, before.language))
    outer, inner = _still_open(code[:start]), list[str]()
    served = _served(outer, closing)
    for found in _BRACKET.finditer(code, start):
        opener = _OPENERS.get(found.group())
        if opener is None:
            inner.append(found.group())
        elif opener in inner:
            _close(inner, opener)
        elif opener in outer:
            _close(outer, opener)
            inner.clear()
            if _served(outer, closing) < served:
                return found.start() - start
            served = _served(outer, closing)
        elif before.whole or opener != "{":
            return found.start() - start
    return None


def masked(text: str, language: str) -> str:
    """`text` with comments and strings blanked: what stands in them opens and closes nothing."""
    return _literal(language).sub(_blank, text)


def open_literal(text: str, language: str) -> int | None:
    """Where the string or comment starts that `text` ends in; None where it ends in code."""
    last = None
    for last in _literal(language).finditer(text):  # noqa: B007 - The last one is what is wanted.
        pass
    return last.start() if last and last.lastgroup and last.end() == len(text) else None


def _still_open(code: str) -> list[str]:
    """Opening brackets of `code` that nothing in it closes, outermost first."""
    stack: list[str] = []
    for bracket in _BRACKET.findall(code):
        opener = _OPENERS.get(bracket)
        if opener is None:
            stack.append(bracket)
        elif opener in stack:
            _close(stack, opener)
    return stack


def _close(stack: list[str], opener: str) -> None:
    """Take off what is closed by what closes `opener`: that, and whatever was forgotten above it."""
    while stack.pop() != opener:
        pass


def _served(open_: list[str], closing: str) -> int:
    """How many of the brackets `closing` find what they close on top of `open_`."""
    count = 0
    while count < min(len(closing), len(open_)) and _OPENERS[closing[count]] == open_[-1 - count]:
        count += 1
    return count


def _closing_run(code: str) -> str:
    """The closing brackets of `code` that stand before anything but brackets they match."""
    depth, run = 0, ""
    for bracket in _BRACKET.findall(code):
        if bracket in "([{":
            depth += 1
        elif depth:
            depth -= 1
        else:
            run += bracket
    return run


def _blank(literal: re.Match[str]) -> str:
    return "\n".join(" " * len(line) for line in literal.group().split("\n"))


def _inside(text: str, start: int, mark: str, end: str) -> bool:
    """Whether `start` lies between a `mark` and the `end` that follows it."""
    if text.find(end, start) < 0:
        return False
    if mark == end:
        return text.count(mark, 0, start) % 2 == 1
    return text.rfind(mark, 0, start) > text.rfind(end, 0, start)


def _long_marks(language: str) -> tuple[tuple[str, str], ...]:
    """What starts and ends literals that may be longer than a window."""
    if language == "python":
        return (('"""', '"""'), ("'''", "'''"))
    return () if language == "ruby" else (("/*", "*/"),)


@cache
def _literal(language: str) -> re.Pattern[str]:
    """Comments and strings; the named groups are those that nothing ends."""
    parts = []
    if language in _HASH_COMMENTS:
        parts.append(r"(?P<hash>\#(?!\[)[^\n]*)" if language == "php" else r"(?P<hash>\#[^\n]*)")
    if language not in ("python", "ruby"):
        parts += [r"/\*.*?\*/", r"(?P<block>/\*.*)", r"(?P<line>//[^\n]*)"]
    if language in ("c", "cpp"):
        parts += [r"\#[ \t]*include[ \t]*<[^>\n]*>", r"(?P<include>\#[ \t]*include[ \t]*<[^>\n]*)"]
    if language in _TRIPLE:
        for quote in _TRIPLE[language]:
            name = "triple" if quote == '"""' else "triples"
            parts += [rf"{quote}(?:\\.|[^\\])*?{quote}", rf"(?P<{name}>{quote}.*)"]
    if language == "csharp":
        parts += [r'@"(?:""|[^"])*"', r'(?P<verbatim>@"(?:""|[^"])*\Z)']
    parts += [r'"(?:\\.|[^"\\\n])*"', r'(?P<double>"(?:\\.|[^"\\\n])*)']
    if language in _SINGLE_STRINGS:
        parts += [r"'(?:\\.|[^'\\\n])*'", r"(?P<single>'(?:\\.|[^'\\\n])*)"]
    else:
        parts.append(r"'(?:\\.[^'\n]*|[^'\\\n])'")
    if language in _BACKTICKS:
        parts += [r"`(?:\\.|[^`\\])*`", r"(?P<back>`.*)"]
    parts.append(r"\\.")
    return re.compile("|".join(parts), re.DOTALL)


_HASH_COMMENTS = frozenset({"python", "ruby", "php"})
_TRIPLE = {"python": ('"""', "'''"), "java": ('"""',), "scala": ('"""',)}
_SINGLE_STRINGS = frozenset({"python", "ruby", "php", "javascript", "typescript", "tsx"})
_BACKTICKS = frozenset({"go", "javascript", "typescript", "tsx"})
