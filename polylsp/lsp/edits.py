"""Changes of a document → where its cursor is likely to stand: editors tell the one, but not the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types as lsp

from polylsp.lsp import convert
from polylsp.lsp.documents import Document, Documents
from polylsp.types import Cursor

_MOST = 256  # Characters that a key, or a suggestion that was taken, puts in; a formatter or an agent more.
_MOST_LINES = 2  # That a key takes away.
# Editors close what was opened, all in one change.
_PAIRS = ("()", "[]", "{}", "<>", '""', "''", "``")
_BETWEEN_LINES = re.compile(r"\n[ \t]*(?=\n[ \t]*\Z)")  # Return, pressed between two brackets.


def cursor_after(
    documents: Documents,
    document: Document,
    changes: Sequence[lsp.TextDocumentContentChangeEvent],
) -> Cursor | None:
    """Where the cursor is likely to stand once `changes` have come over `document`, as they have.

    None for what no single key does: several changes at once, the whole text, or much of it.
    """
    if len(changes) != 1 or not isinstance(changes[0], lsp.TextDocumentContentChangePartial):
        return None
    span, text = changes[0].range, changes[0].text.replace("\r\n", "\n").replace("\r", "\n")
    removed = span.end.character - span.start.character
    if len(text) > _MOST or removed > _MOST or span.end.line - span.start.line >= _MOST_LINES:
        return None
    start, _ = convert.cursor(documents, document, span.start)
    return Cursor(start.snapshot, start.offset + _reached(text))


def _reached(text: str) -> int:
    """How much of `text` stands before the cursor once it is put in."""
    if text in _PAIRS:
        return 1
    between = _BETWEEN_LINES.match(text)
    return between.end() if between else len(text)
