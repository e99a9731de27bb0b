"""Where a cursor is likely to stand after a change, and which changes no key makes."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp

from polylsp.lsp.documents import Documents
from polylsp.lsp.edits import cursor_after

URI = "file:///code/a.py"


def change(
    text: str, line: int, character: int, to_line: int = -1, to_character: int = -1
) -> lsp.TextDocumentContentChangePartial:
    start = lsp.Position(line, character)
    end = lsp.Position(to_line, to_character) if to_line >= 0 else start
    return lsp.TextDocumentContentChangePartial(text=text, range=lsp.Range(start, end))


def after(source: str, *changes: lsp.TextDocumentContentChangeEvent) -> str | None:
    """The document after the changes, with the cursor in it; None where nobody can tell."""
    documents = Documents()
    documents.put_text_document(lsp.TextDocumentItem(URI, "python", 1, source))
    document = documents.find(URI)
    assert document is not None
    for one in changes:
        document.apply_change(one)
    cursor = cursor_after(documents, document, changes)
    return None if cursor is None else cursor.prefix + "█" + cursor.suffix


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("x", "a = x█\nb\n"),
        ("print", "a = print█\nb\n"),
        ("(", "a = (█\nb\n"),
        ("()", "a = (█)\nb\n"),
        ('""', 'a = "█"\nb\n'),
        ("\n    ", "a = \n    █\nb\n"),
        ("\r\n    ", "a = \n    █\nb\n"),
        ("\n    \n", "a = \n    █\n\nb\n"),  # Return, between two brackets.
        ("f():\n    pass\n", "a = f():\n    pass\n█\nb\n"),  # A suggestion that was taken.
        ("\N{GRINNING FACE}", "a = \N{GRINNING FACE}█\nb\n"),
        ("", "a = █\nb\n"),
    ],
)
def test_the_cursor_stands_behind_what_was_typed(text: str, there: str) -> None:
    assert after("a = \nb\n", change(text, 0, 4)) == there


def test_the_cursor_stands_where_something_was_deleted() -> None:
    assert after("a = 12\nb\n", change("", 0, 5, 0, 6)) == "a = 1█\nb\n"
    assert after("a = 12\nb\n", change("", 0, 6, 1, 0)) == "a = 12█b\n"


def test_line_ends_of_the_document_count_as_one() -> None:
    assert after("a\r\nb\r\n", change("x", 1, 1)) == "a\nbx█\n"


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [change("x", 0, 0), change("x", 1, 0)],  # Several cursors, or a formatter.
        [change("x = 1\n" * 50, 0, 0)],  # An agent, or a paste.
        [change("", 0, 0, 2, 0)],
        [lsp.TextDocumentContentChangeWholeDocument(text="x")],  # A checkout.
    ],
)
def test_what_no_key_does_says_nothing_of_the_cursor(
    changes: list[lsp.TextDocumentContentChangeEvent],
) -> None:
    assert after("a\nb\nc\n", *changes) is None
