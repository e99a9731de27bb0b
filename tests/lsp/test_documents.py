"""The server's documents against a client that is a plain list of code units."""

from __future__ import annotations

import json
import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from lsprotocol import types as lsp

from polylsp.lsp.documents import Document, Documents, Place, units

URI = "file:///code/a.py"
CELL = "vscode-notebook-cell:/code/n.ipynb#"


CODECS = {"utf-8": ("utf-8", "B"), "utf-16": ("utf-16-le", "H"), "utf-32": ("utf-32-le", "I")}


class Client:
    """A document as an editor has it: code units of the encoding agreed on, and nothing clever."""

    def __init__(self, text: str, encoding: str) -> None:
        self.codec, self.format = CODECS[encoding]
        self.units = self.of(text)

    def of(self, text: str) -> list[int]:
        data = text.encode(self.codec, "surrogatepass")
        return [unit for (unit,) in struct.iter_unpack("<" + self.format, data)]

    def lines(self) -> list[tuple[int, int]]:
        """Where each line starts, and where its text ends."""
        found, start, at = [], 0, 0
        while at < len(self.units):
            if self.units[at] in (10, 13):
                found.append((start, at))
                at += 2 if self.units[at : at + 2] == [13, 10] else 1
                start = at
            else:
                at += 1
        return [*found, (start, len(self.units))]

    def offset(self, position: lsp.Position) -> int:
        lines = self.lines()
        if position.line >= len(lines):
            return len(self.units)
        start, end = lines[position.line]
        return min(start + position.character, end)

    def replace(self, range_: lsp.Range, text: str) -> None:
        start, end = self.offset(range_.start), self.offset(range_.end)
        self.units[start:end] = self.of(text)


def range_(start: tuple[int, int], end: tuple[int, int]) -> lsp.Range:
    return lsp.Range(lsp.Position(*start), lsp.Position(*end))


def opened(text: str, encoding: str = "utf-16", uri: str = URI) -> tuple[Documents, Document]:
    documents = Documents(encoding=encoding)
    documents.put_text_document(lsp.TextDocumentItem(uri, "python", 1, text))
    found = documents.find(uri)
    assert found is not None
    return documents, found


def change(documents: Documents, version: int, edit: lsp.Range | None, text: str) -> None:
    identifier = lsp.VersionedTextDocumentIdentifier(version, URI)
    event: lsp.TextDocumentContentChangeEvent = (
        lsp.TextDocumentContentChangeWholeDocument(text)
        if edit is None
        else lsp.TextDocumentContentChangePartial(edit, text)
    )
    documents.update_text_document(identifier, event)


ALPHABET = "ab \t\n\r\x0b\x0c\x1c\x85\u2028\u2029\ufeffé€ß\u0301😀🏳\ud83d\ude00\x00"
TEXTS = some.text(some.sampled_from(ALPHABET), max_size=24) | some.lists(
    some.sampled_from(["\r\n", "\n", "\r", "x = 1", "\x0c", "\u2028", "😀", "é", "\ud83d"]),
    max_size=12,
).map("".join)
TEXTS = TEXTS.map(lambda text: str(json.loads(json.dumps(text))))  # Halves side by side become one.
# Some lie far past the end of every line and document.
PLACES = some.tuples(some.integers(0, 8), some.integers(0, 12) | some.just(2**30))
EDITS = some.lists(some.tuples(PLACES, PLACES, TEXTS), max_size=8)


@given(text=TEXTS, edits=EDITS, encoding=some.sampled_from(["utf-16", "utf-32"]))
@settings(max_examples=400, deadline=None)
def test_documents_equal_the_clients_after_any_edits(
    text: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]], encoding: str
) -> None:
    client = Client(text, encoding)
    documents, document = opened(text, encoding)
    for version, (one, other, new) in enumerate(edits, start=2):
        edit = range_(*sorted((one, other)))
        client.replace(edit, new)
        change(documents, version, edit, new)
        assert client.of(document.source) == client.units


@given(text=TEXTS, edits=EDITS)
@settings(max_examples=200, deadline=None)
def test_documents_equal_a_utf8_clients_after_any_edits(
    text: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]]
) -> None:
    client = Client(text, "utf-8")
    documents, document = opened(text, "utf-8")
    for version, (one, other, new) in enumerate(edits, start=2):
        edit = range_(*sorted(between_characters(client, place) for place in (one, other)))
        client.replace(edit, new)
        change(documents, version, edit, new)
        assert client.of(document.source) == client.units


def between_characters(client: Client, place: tuple[int, int]) -> tuple[int, int]:
    """A place given in characters, in bytes: such a client never points into a character."""
    line, column = place
    if line >= len(client.lines()):
        return place
    start, end = client.lines()[line]
    text = bytes(client.units[start:end]).decode(client.codec, "surrogatepass")
    past = max(0, column - len(text))
    return line, len(text[:column].encode(client.codec, "surrogatepass")) + past


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize(
    "separator", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_what_python_takes_for_a_line_end_is_text(separator: str, encoding: str) -> None:
    text = f"int a;\n{separator}\nint b;\n"
    documents, document = opened(text, encoding)
    change(documents, 2, range_((2, 0), (2, 0)), "X")
    assert document.source == f"int a;\n{separator}\nXint b;\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_the_three_ways_lsp_knows(end: str) -> None:
    documents, document = opened(f"a{end}b{end}c")
    change(documents, 2, range_((1, 0), (2, 0)), "")
    assert document.source == f"a{end}c"


def test_line_ends_may_be_mixed() -> None:
    documents, document = opened("a\rb\r\nc\nd")
    change(documents, 2, range_((3, 0), (3, 1)), "D")
    change(documents, 3, range_((1, 1), (2, 0)), "+")
    assert document.source == "a\rb+c\nD"


def test_a_position_past_a_lines_end_is_before_its_line_end() -> None:
    documents, document = opened("ab\r\ncd\r\n")
    change(documents, 2, range_((0, 99), (0, 99)), "!")
    assert document.source == "ab!\r\ncd\r\n"


def test_a_position_past_the_last_line_is_the_end() -> None:
    documents, document = opened("ab\ncd")
    change(documents, 2, range_((9, 0), (9, 9)), "!")
    assert document.source == "ab\ncd!"


def test_the_empty_line_behind_the_last_line_end_can_be_typed_on() -> None:
    documents, document = opened("ab\n")
    change(documents, 2, range_((1, 0), (1, 0)), "c")
    assert document.source == "ab\nc"


def test_utf16_edits_may_split_a_surrogate_pair_and_join_it_again() -> None:
    documents, document = opened("x😀y")
    change(documents, 2, range_((0, 2), (0, 2)), "-")
    assert document.source == "x\ud83d-\ude00y"
    change(documents, 3, range_((0, 2), (0, 3)), "")
    assert document.source == "x😀y"


def test_halves_typed_one_after_the_other_are_one_character_to_a_utf16_client() -> None:
    documents, document = opened("")
    change(documents, 2, range_((0, 0), (0, 0)), "\ud83d")
    change(documents, 3, range_((0, 1), (0, 1)), "\ude00")
    assert document.source == "😀"


def test_a_utf8_position_inside_a_character_is_its_start() -> None:
    documents, document = opened("a€b", "utf-8")
    change(documents, 2, range_((0, 2), (0, 3)), "-")
    assert document.source == "a-€b"


def test_a_change_without_a_range_is_the_whole_document() -> None:
    documents, document = opened("old")
    change(documents, 2, None, "new\u2028")
    assert (document.source, document.version) == ("new\u2028", 2)


def test_changes_to_documents_that_are_not_open_are_ignored() -> None:
    documents = Documents()
    change(documents, 2, None, "ghost")
    assert documents.find(URI) is None
    assert not documents.text_documents


def test_closed_documents_are_forgotten() -> None:
    documents, _ = opened("text")
    documents.remove_text_document(URI)
    assert documents.find(URI) is None
    assert not documents.text_documents


def test_nothing_is_read_from_disk(tmp_path: object) -> None:
    documents = Documents()
    assert documents.find(f"file://{__file__}") is None
    assert Document(f"file://{__file__}").source == ""


@pytest.mark.parametrize(
    "uri", ["http://[", "", "::", "file://[::1/x", "a\ud800b", "file:///%ff%00", "c:\\x"]
)
def test_any_uri_can_be_opened(uri: str) -> None:
    _, document = opened("text", uri=uri)
    assert (document.uri, document.source) == (uri, "text")


def test_uris_are_the_same_document_however_they_are_quoted() -> None:
    documents, document = opened("text", uri="file:///c%3A/a%20b.py")
    assert documents.find("file:///c:/a b.py") is document


def test_a_malformed_root_is_no_obstacle() -> None:
    assert Documents("http://[").root_uri == "http://["


@pytest.mark.parametrize(
    ("encoding", "position", "place"),
    [
        ("utf-16", (0, 3), Place(2, 0, 3)),
        ("utf-16", (0, 2), Place(1, 0, 1)),  # Between the halves: before them.
        ("utf-8", (0, 5), Place(2, 0, 5)),
        ("utf-8", (0, 3), Place(1, 0, 1)),
        ("utf-32", (0, 2), Place(2, 0, 2)),
        ("utf-16", (0, 99), Place(3, 0, 4)),
        ("utf-8", (7, 7), Place(5, 1, 0)),
        ("utf-16", (1, 0), Place(5, 1, 0)),
    ],
)
def test_a_place_exists_in_the_document(
    encoding: str, position: tuple[int, int], place: Place
) -> None:
    _, document = opened("x😀y\r\n", encoding)
    assert document.place(lsp.Position(*position)) == place


@given(text=TEXTS, encoding=some.sampled_from(["utf-8", "utf-16", "utf-32"]))
@settings(deadline=None)
def test_every_offset_is_found_again_from_its_position(text: str, encoding: str) -> None:
    _, document = opened(text, encoding)
    offset = 0
    for number, line in enumerate(document.lines):
        content = line.rstrip("\r\n")
        for column in range(len(content) + 1):
            before = content[:column]
            position = lsp.Position(number, units(before, encoding))
            place = document.place(position)
            assert place == Place(offset + column, number, position.character)
        offset += len(line)
    assert offset == len(document.source)


@given(text=TEXTS)
def test_lines_put_together_are_the_text(text: str) -> None:
    _, document = opened(text)
    assert "".join(document.lines) == text
    for line, following in pairwise(document.lines):
        assert line.endswith(("\n", "\r"))
        assert not (line.endswith("\r") and following.startswith("\n"))


def notebook(*cells: tuple[str, str]) -> Documents:
    """Cells by language and text."""
    documents = Documents()
    uris = [f"{CELL}{number}" for number in range(len(cells))]
    documents.put_notebook_document(
        lsp.DidOpenNotebookDocumentParams(
            lsp.NotebookDocument(
                "file:///code/n.ipynb",
                "jupyter-notebook",
                1,
                [lsp.NotebookCell(lsp.NotebookCellKind.Code, uri) for uri in uris],
            ),
            [
                lsp.TextDocumentItem(uri, language, 1, text)
                for uri, (language, text) in zip(uris, cells, strict=True)
            ],
        )
    )
    return documents


def test_cells_are_documents_until_their_notebook_is_closed() -> None:
    documents = notebook(("python", "x = 1"), ("python", "y = 2"))
    cell = documents.find(CELL + "1")
    assert cell is not None
    assert cell.source == "y = 2"
    documents.remove_notebook_document(
        lsp.DidCloseNotebookDocumentParams(
            lsp.NotebookDocumentIdentifier("file:///code/n.ipynb"),
            [lsp.TextDocumentIdentifier(CELL + "0"), lsp.TextDocumentIdentifier(CELL + "1")],
        )
    )
    assert not documents.text_documents
    assert documents.get_notebook_document(cell_uri=CELL + "0") is None


def test_cells_change_like_documents() -> None:
    documents = notebook(("python", "x = 1\x0c\n"))
    documents.update_notebook_document(
        lsp.DidChangeNotebookDocumentParams(
            lsp.VersionedNotebookDocumentIdentifier(2, "file:///code/n.ipynb"),
            lsp.NotebookDocumentChangeEvent(
                cells=lsp.NotebookDocumentCellChanges(
                    text_content=[
                        lsp.NotebookDocumentCellContentChanges(
                            lsp.VersionedTextDocumentIdentifier(2, CELL + "0"),
                            [lsp.TextDocumentContentChangePartial(range_((1, 0), (1, 0)), "y")],
                        )
                    ]
                )
            ),
        )
    )
    cell = documents.find(CELL + "0")
    assert cell is not None
    assert (cell.source, cell.version) == ("x = 1\x0c\ny", 2)
