"""Complete here? And if so: the rest of a line, or a block?"""

from __future__ import annotations

import re

from polylsp.syntax.languages import opens_block
from polylsp.syntax.parser import Tree
from polylsp.syntax.text import in_text
from polylsp.types import Cursor, Mode, Silence

# What may stand behind the cursor for a suggestion nobody asked for: brackets and quotes that close what is
# open (the editor may have put them there), and one mark that goes on or ends.
_CLOSING = re.compile(r"""[)>}\]"'`]*\s*[:{;,]?""")
_FINISHED = re.compile(
    r"(?:;\s*|\})$"
)  # A space behind `}` asks for what goes on: `else`, `while`.
_PAIRS = {")": "(", "]": "[", "}": "{"}


def gate(cursor: Cursor, tree: Tree | None, explicit: bool, blocks: bool) -> Mode | Silence:
    """How far a completion may go at `cursor`, or Silence.GATE.

    Asked by hand (`explicit`), any place will do. `blocks`: whether several lines are wanted at all.
    """
    behind = cursor.line_suffix.strip()
    if not explicit:
        if not _CLOSING.fullmatch(behind):
            return Silence.GATE
        if _FINISHED.search(cursor.line_prefix) and _balanced(cursor.line_prefix):
            return Silence.GATE
        if not cursor.prefix or cursor.prefix.isspace():
            return Silence.GATE
    if not blocks or behind or (tree and in_text(tree, cursor.offset)):
        return Mode.LINE
    if explicit and not cursor.line_prefix.strip():
        return Mode.BLOCK
    return Mode.BLOCK if _at_empty_block(cursor) else Mode.LINE


def _at_empty_block(cursor: Cursor) -> bool:
    """Whether a block opens at the cursor, and nothing stands in it yet."""
    header = cursor.line_prefix
    if not header.strip():
        above = cursor.snapshot.text[: cursor.offset - len(header)].rstrip()
        header = above[above.rfind("\n") + 1 :]
    if not opens_block(cursor.snapshot.language, header):
        return False
    below = cursor.suffix.lstrip()
    if not below:
        return True
    gap = cursor.suffix[: len(cursor.suffix) - len(below)]
    return "\n" in gap and _width(gap[gap.rfind("\n") + 1 :]) <= _width(_indent(header))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _width(indent: str) -> int:
    return len(indent.expandtabs(4))


def _balanced(line: str) -> bool:
    """Whether every bracket opened on `line` is closed on it."""
    open_ = []
    for character in line:
        if character in "([{":
            open_.append(character)
        elif character in _PAIRS and open_ and open_[-1] == _PAIRS[character]:
            open_.pop()
    return not open_
