"""URIs of every system, positions and cursors, suggestions and items."""

from __future__ import annotations

import os
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from lsprotocol import types as lsp

from polylsp.lsp import convert
from polylsp.lsp.documents import Document, Documents, Place, units
from polylsp.types import Cursor, Snapshot, Suggestion

PYTHON = "file:///code/a.py"
on_windows = os.name == "nt"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/u/a.py", "/home/u/a.py"),
        ("file://localhost/home/u/a.py", "/home/u/a.py"),
        ("file:///C:/Users/u/a.py", "c:/Users/u/a.py"),
        ("file:///c:/Users/u/a.py", "c:/Users/u/a.py"),
        ("file:///c%3A/Users/u/a.py", "c:/Users/u/a.py"),
        ("file:///C%3a/Users/u/a.py", "c:/Users/u/a.py"),
        ("file:///c:%5CUsers%5Cu%5Ca.py", "c:/Users/u/a.py"),
        ("file://server/share/a.py", "//server/share/a.py"),
        ("file://server/c%24/a.py", "//server/c$/a.py"),
        ("file:///home/u/my%20code/a%2Bb.py", "/home/u/my code/a+b.py"),
        ("file:///home/u/%C3%BC/%F0%9F%98%80.py", "/home/u/ü/😀.py"),
        ("file:///home/u/ü.py", "/home/u/ü.py"),
        ("file:///home/u/a%23b%3Fc.py", "/home/u/a#b?c.py"),
        ("untitled:Untitled-1", "Untitled-1"),
        ("untitled:/home/u/new.py", "/home/u/new.py"),
        ("vscode-notebook-cell:/home/u/n.ipynb#W0sZmlsZQ%3D%3D", "/home/u/n.ipynb"),
        ("vscode-notebook-cell://ssh-remote%2Bbox/home/u/n.ipynb#X1", "/home/u/n.ipynb"),
        ("vscode-remote://ssh-remote%2Bbox/home/u/a.py", "/home/u/a.py"),
        ("vscode-remote://wsl%2Bubuntu/c:/u/a.py", "c:/u/a.py"),
        ("vscode-vfs://github/owner/repo/a.py", "/owner/repo/a.py"),
        ("git:/home/u/a.py?%7B%22ref%22%3A%22HEAD%22%7D", "/home/u/a.py"),
        ("/home/u/a.py", "/home/u/a.py"),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_the_path_of_a_uri(uri: str, path: str) -> None:
    assert convert.path_of(uri) == path


@pytest.mark.parametrize("uri", ["file:///a%ffb.py", "file:///a\ud800b.py", "file:///%ed%a0%80"])
def test_a_path_can_always_be_encoded(uri: str) -> None:
    assert convert.path_of(uri).encode()


@given(uri=some.text() | some.text().map(lambda rest: "file://" + rest))
def test_no_uri_is_too_strange(uri: str) -> None:
    convert.path_of(uri).encode()
    convert.file_of(uri)


@given(path=some.text(some.characters(exclude_categories=["Cs"]), min_size=1))
def test_pythons_own_uris_are_understood(path: str) -> None:
    # A backslash counts as a separator on every system, as a server may run on another than the editor.
    assume("\\" not in path and "\x00" not in path)
    posix = PurePosixPath("/home") / path
    assume(not str(posix).startswith("//"))
    assert convert.path_of(posix.as_uri()) == str(posix)


def test_windows_own_uris_are_understood() -> None:
    path = PureWindowsPath(r"D:\My Code\ü.py")
    assert convert.path_of(path.as_uri()) == "d:/My Code/ü.py"
    share = PureWindowsPath(r"\\server\share\a.py")
    assert convert.path_of(share.as_uri()) == "//server/share/a.py"


@pytest.mark.parametrize(
    ("uri", "here"),
    [
        ("file:///home/u/a.py", not on_windows),
        ("FILE:///home/u/a.py", not on_windows),
        ("file:///C:/u/a.py", on_windows),
        ("file:///home/u/a%00.py", False),
        ("vscode-remote://ssh-remote%2Bbox/home/u/a.py", False),
        ("vscode-notebook-cell:/home/u/n.ipynb#X1", False),
        ("untitled:Untitled-1", False),
        ("http://[", False),
    ],
)
def test_only_file_uris_of_this_system_are_files_of_this_machine(uri: str, here: bool) -> None:
    assert bool(convert.file_of(uri)) == here


@pytest.mark.parametrize(
    ("path", "folders", "shown"),
    [
        ("/code/src/a.py", ["/code"], "src/a.py"),
        ("/code/src/a.py", ["/code/"], "src/a.py"),
        ("/code/src/a.py", ["/code", "/code/src"], "a.py"),
        ("/codec/a.py", ["/code"], "a.py"),
        ("/elsewhere/a.py", ["/code"], "a.py"),
        ("/etc/a.py", ["/"], "etc/a.py"),
        ("/home/u/a.py", [""], "a.py"),
        ("c:/u/src/a.py", ["c:/u"], "src/a.py"),
        ("//server/share/src/a.py", ["//server/share"], "src/a.py"),
        ("Untitled-1", ["/code"], "Untitled-1"),
        ("", [], ""),
    ],
)
def test_paths_are_told_from_the_innermost_folder(
    path: str, folders: list[str], shown: str
) -> None:
    assert convert.relative(path, folders) == shown


def opened(
    text: str, encoding: str = "utf-16", language: str = "python"
) -> tuple[Documents, Document]:
    folders = [lsp.WorkspaceFolder("file:///code", "work")]
    documents = Documents(None, folders, encoding)
    documents.put_text_document(lsp.TextDocumentItem(PYTHON, language, 7, text))
    found = documents.find(PYTHON)
    assert found is not None
    return documents, found


def test_a_snapshot_tells_what_is_known_of_its_document() -> None:
    snapshot = convert.snapshot(*opened("x = 1\r\n"))
    assert snapshot == Snapshot(
        PYTHON,
        7,
        "python",
        "x = 1\n",
        "a.py",
        "" if on_windows else "/code/a.py",
        "\r\n",
    )


def test_the_root_stands_in_for_folders() -> None:
    documents = Documents("file:///code")
    documents.put_text_document(lsp.TextDocumentItem("file:///code/src/a.py", "python", 1, ""))
    document = documents.find("file:///code/src/a.py")
    assert document is not None
    assert convert.snapshot(documents, document).path == "src/a.py"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cursor_counts_each_line_end_once(end: str) -> None:
    documents, document = opened(f"a{end}b😀{end}c")
    cursor, place = convert.cursor(documents, document, lsp.Position(2, 1))
    assert (cursor.prefix, cursor.suffix) == ("a\nb😀\nc", "")
    assert place == Place(len(document.source), 2, 1)


TEXTS = some.lists(
    some.sampled_from(["\r\n", "\n", "\r", "x = 1", "\x0c", "\u2028", "\x85", "😀", "é", "\ud83d"]),
    max_size=20,
).map("".join)


@given(text=TEXTS, encoding=some.sampled_from(["utf-8", "utf-16", "utf-32"]), data=some.data())
def test_positions_and_offsets_are_the_same_places(
    text: str, encoding: str, data: some.DataObject
) -> None:
    documents, document = opened(text, encoding)
    snapshot = convert.snapshot(documents, document)
    offset = data.draw(some.integers(0, len(snapshot.text)))
    at = Cursor(snapshot, offset)
    line = at.prefix.count("\n")
    # A lone surrogate is another character in a snapshot, of as many units in UTF-16 and UTF-32.
    column = units(at.line_prefix, encoding)
    cursor, place = convert.cursor(documents, document, lsp.Position(line, column))
    assert cursor == at
    assert (place.line, place.character) == (line, column)


@pytest.mark.parametrize(
    ("line", "character", "prefix"),
    [(0, 99, "x = 1"), (99, 0, "x = 1\ny"), (0, 0, ""), (2**31 - 1, 2**31 - 1, "x = 1\ny")],
)
def test_positions_past_the_end_are_the_end(line: int, character: int, prefix: str) -> None:
    cursor, _ = convert.cursor(*opened("x = 1\r\ny"), lsp.Position(line, character))
    assert cursor.prefix == prefix


NOTEBOOK = "file:///code/n.ipynb"
CELL = "vscode-notebook-cell:/code/n.ipynb#"


def notebook(*cells: tuple[str, str]) -> Documents:
    """Cells by language and text."""
    documents = Documents()
    uris = [f"{CELL}{number}" for number in range(len(cells))]
    code = [lsp.NotebookCell(lsp.NotebookCellKind.Code, uri) for uri in uris]
    documents.put_notebook_document(
        lsp.DidOpenNotebookDocumentParams(
            lsp.NotebookDocument(NOTEBOOK, "jupyter-notebook", 1, code),
            [
                lsp.TextDocumentItem(uri, language, 1, text)
                for uri, (language, text) in zip(uris, cells, strict=True)
            ],
        )
    )
    return documents


def in_cell(documents: Documents, number: int, line: int, character: int) -> Cursor:
    document = documents.find(f"{CELL}{number}")
    assert document is not None
    cursor, _ = convert.cursor(documents, document, lsp.Position(line, character))
    return cursor


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_cell_sees_those_before_and_behind_it(number: int) -> None:
    documents = notebook(("python", "a = 1\n"), ("python", "b = 2\r\nc"), ("python", "d"))
    cursor = in_cell(documents, number, 0, 1)
    assert cursor.snapshot.text == "a = 1\n\nb = 2\nc\n\nd"
    assert cursor.prefix == ["a", "a = 1\n\nb", "a = 1\n\nb = 2\nc\n\nd"][number]


def test_cells_in_another_language_are_no_code() -> None:
    documents = notebook(("python", "a"), ("markdown", "# Title"), ("python", "b"))
    assert in_cell(documents, 2, 0, 0).prefix == "a\n\n"


def suggestion(text: str, prefix: str = "", source: str = "") -> Suggestion:
    snapshot = Snapshot.of(PYTHON, 1, "python", source or prefix)
    return Suggestion(Cursor(snapshot, len(prefix)), text, 0.5)


def test_an_inline_item_always_has_a_range() -> None:
    item = convert.inline_item(suggestion("pass"), Place(9, 2, 4), None)
    here = lsp.Position(2, 4)
    assert (item.insert_text, item.range) == ("pass", lsp.Range(here, here))


def test_items_end_lines_as_the_document_does() -> None:
    one = suggestion("a\nb", "x\n", "x\r\n")
    assert convert.inline_item(one, Place(3, 1, 0), None).insert_text == "a\r\nb"


def test_items_tell_when_they_were_accepted() -> None:
    item = convert.inline_item(suggestion("pass"), Place(0, 0, 0), None)
    assert item.command == lsp.Command("Accepted", "polylsp.accepted", arguments=[4, 0.5])


def selected(text: str, start: int, end: int) -> lsp.SelectedCompletionInfo:
    return lsp.SelectedCompletionInfo(lsp.Range(lsp.Position(0, start), lsp.Position(0, end)), text)


def test_an_item_goes_on_from_the_entry_selected_in_a_list() -> None:
    documents, document = opened("x = pri")
    cursor, place = convert.cursor(documents, document, lsp.Position(0, 7))
    entry = selected("print", 4, 7)
    moved = convert.with_selected(cursor, place, entry, document)
    assert moved is not None
    assert moved.prefix == "x = print"
    item = convert.inline_item(Suggestion(moved, "(x)", 0.5), place, entry)
    assert (item.insert_text, item.range) == ("print(x)", entry.range)


@pytest.mark.parametrize(
    "entry",
    [
        selected("Print", 4, 7),  # Not what is typed.
        selected("print", 4, 8),  # It would replace what stands behind the cursor.
        selected("print", 4, 6),
        selected("pri\nnt", 4, 7),
        selected("pri\rnt", 4, 7),
        selected("pri\ud800", 4, 7),
    ],
)
def test_nothing_goes_on_from_an_entry_that_is_no_continuation(
    entry: lsp.SelectedCompletionInfo,
) -> None:
    documents, document = opened("x = pri)")
    cursor, place = convert.cursor(documents, document, lsp.Position(0, 7))
    assert convert.with_selected(cursor, place, entry, document) is None


def test_a_list_item_replaces_the_word_that_is_begun() -> None:
    one = suggestion("nt(x)", "€😀 = pri")
    item = convert.list_item(one, Place(8, 0, 9), "utf-16", 0)
    edit = lsp.TextEdit(lsp.Range(lsp.Position(0, 6), lsp.Position(0, 9)), "print(x)")
    assert item.text_edit == edit
    assert item.filter_text == "pri"
    assert item.label == "print(x)"


def test_a_list_item_behind_no_word_inserts() -> None:
    item = convert.list_item(suggestion(" 1", "x ="), Place(3, 0, 3), "utf-8", 0)
    here = lsp.Position(0, 3)
    assert item.text_edit == lsp.TextEdit(lsp.Range(here, here), " 1")
    assert item.label == "1"


def test_the_word_is_measured_in_the_clients_units() -> None:
    one = suggestion("te", "élémen")
    for encoding, width in (("utf-8", 8), ("utf-16", 6), ("utf-32", 6)):
        item = convert.list_item(one, Place(6, 0, width), encoding, 0)
        assert isinstance(item.text_edit, lsp.TextEdit)
        assert item.text_edit.range.start == lsp.Position(0, 0)


def test_list_items_show_their_first_line_and_keep_their_order() -> None:
    block = suggestion("\n    return a\n    # b", "def f():")
    items = [convert.list_item(block, Place(8, 0, 8), "utf-16", rank) for rank in range(12)]
    assert items[0].label == "return a"
    assert items[0].documentation == "\n    return a\n    # b"
    assert [item.sort_text for item in items] == sorted(str(item.sort_text) for item in items)
