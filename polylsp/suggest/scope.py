"""Where a line, or a block, is over: for generation to stop, and for the first of the filters.

Indentation tells, in all twelve languages: a block is the lines deeper than its header, and the line that
closes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from polylsp.suggest.brackets import Before, masked
from polylsp.syntax.languages import opens_block
from polylsp.types import Cursor, Mode

_MOST_LINES = 40  # Of one header, and of a gap before the next line with text.
_NEAR = 12  # Lines below the cursor in which one with text is looked for.
# A header's later lines, where brackets do not tell.
_CONTINUES = re.compile(r"\s*(throws\b|extends\b|implements\b|&&|\|\|)")
_ONLY_CLOSER = re.compile(r"\s*[)\]}]+[;,]?\s*")


@dataclass(frozen=True, slots=True)
class _Style:
    """What a family of languages writes as far out as a block's header."""

    closer: re.Pattern[str]  # Closes the block.
    label: re.Pattern[str]  # Goes on with it.
    words: tuple[str, ...]  # What a line may begin with that is going to do either.


_BRACES = _Style(
    re.compile(r"\s*[)\]}]+"),
    re.compile(r"\s*(case\b.*|default\s*|(public|private|protected)(\s+slots)?\s*):"),
    ("case", "default", "public", "private", "protected"),
)
_RUBY = _Style(
    re.compile(r"\s*(end\b|[)\]}]+)"),
    re.compile(r"\s*(when|in|else|elsif|rescue|ensure)\b"),
    ("end", "when", "in", "else", "elsif", "rescue", "ensure"),
)
_PYTHON = _Style(_BRACES.closer, re.compile(r"(?!)"), ())
_STYLES = {"python": _PYTHON, "ruby": _RUBY}


@dataclass(frozen=True, slots=True)
class Floor:
    """What tells the lines of a block from those that follow it."""

    columns: int  # The least indentation of a line in the block.
    opened: bool  # Whether the block's header is what the cursor stands behind.
    language: str
    below: str = (
        ""  # The first line with text below the cursor: what comes to it repeats what is there.
    )

    def holds(self, line: str) -> bool:
        """Whether a line with text on it belongs to the block."""
        depth = indentation(line)
        labelled = self.opened and depth == self.columns - 1 and self.style.label.match(line)
        return depth >= self.columns or bool(labelled)

    def closed_by(self, line: str) -> bool:
        """Whether a line that no longer belongs to the block is the one that closes it."""
        return self.style.closer.match(line) is not None

    @property
    def style(self) -> _Style:
        return _STYLES.get(self.language, _BRACES)


def floor(cursor: Cursor) -> Floor:
    """What belongs to the block at the cursor."""
    line, language = cursor.line_prefix, cursor.snapshot.language
    head = cursor.prefix if line.strip() else cursor.prefix.rstrip()
    header = head[head.rfind("\n") + 1 :]
    opened = opens_block(language, header)
    columns = _header_indentation(cursor, head) + 1 if opened else indentation(line + "x")
    return Floor(columns, opened, language, below(cursor))


def below(cursor: Cursor) -> str:
    """The first line with text below the cursor's, without the white space at its end; "" for none near."""
    lines = cursor.suffix.split("\n", _NEAR)[1:_NEAR]
    return next((line.rstrip() for line in lines if line.strip()), "")


def ended(text: str, mode: Mode, floor: Floor, explicit: bool) -> bool:
    """Whether nothing that is still to come behind `text` could be part of the answer."""
    if mode is Mode.LINE:
        body = text.lstrip() if explicit else text
        return "\n" in body
    if floor.below and floor.below in map(str.rstrip, text.split("\n")[1:-1]):
        return True  # The filters cut it off from there in any case.
    past = _past(text, floor)
    if past is None:
        return False
    line = text[past:]
    return "\n" in line or not (floor.closed_by(line) or _may_become(line, floor))


def within(text: str, cursor: Cursor, mode: Mode, floor: Floor, explicit: bool) -> str:
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
    whole = end >= 0 or _ONLY_CLOSER.fullmatch(line) is not None
    closes = floor.closed_by(line) and indentation(line) == floor.columns - 1
    if floor.opened and whole and closes and not _closed_below(cursor, line, floor):
        return text[: past + _closing_length(line, floor)]
    return text[: max(0, past - 1)]


def indentation(line: str) -> int:
    """Columns before the text of a line, a tab being four."""
    return len(line[: len(line) - len(line.lstrip())].expandtabs(4))


def _header_indentation(cursor: Cursor, head: str) -> int:
    """How far the first line of the header is indented that `head` ends with."""
    before = Before.of(Cursor(cursor.snapshot, len(head)))
    lines = before.text.split("\n")
    code = masked(before.text, before.language).split("\n")
    depth = 0
    for line, said in zip(lines[: -_MOST_LINES - 1 : -1], code[::-1], strict=False):
        for character in reversed(said):
            if character in ")]}":
                depth += 1
            elif character in "([{":
                depth = max(0, depth - 1)
        if not depth and not _CONTINUES.match(said):
            return indentation(line)
    return indentation(lines[-1])


def _past(text: str, floor: Floor) -> int | None:
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
            if not floor.holds(line):
                return start
            seen = True
        elif at >= 0 and floor.columns == 0 and seen:
            return start
    return None


def _may_become(line: str, floor: Floor) -> bool:
    """Whether a line that was only begun may still turn out to close or to continue the block."""
    begun = line.strip()
    return floor.opened and any(
        word.startswith(begun) or begun.startswith(word) for word in floor.style.words
    )


def _closing_length(line: str, floor: Floor) -> int:
    """How much of the line that closes a block does so: of `} else {` the bracket alone."""
    closer = floor.style.closer.match(line)
    return closer.end() if closer and opens_block(floor.language, line) else len(line)


def _closed_below(cursor: Cursor, line: str, floor: Floor) -> bool:
    """Whether the next line with text behind the cursor closes the same block as `line` does."""
    for below in cursor.suffix.split("\n", _MOST_LINES)[1:]:
        if below.strip():
            same = below.lstrip()[:1] == line.lstrip()[:1] or floor.language == "ruby"
            return same and floor.closed_by(below) and indentation(below) == indentation(line)
    return False
