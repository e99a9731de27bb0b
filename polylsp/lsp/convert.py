"""LSP's words ↔ ours: URIs and paths, positions and cursors, suggestions and items."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp

from polylsp.lsp.documents import Document, Documents, Place, units
from polylsp.types import Cursor, Snapshot, Suggestion

_DRIVE = re.compile(r"/[A-Za-z]:")
_WORD = re.compile(r"\w*\Z")
_NOT_WITHIN_A_LINE = re.compile("[\r\n\ud800-\udfff]")  # Nor within a tidy snapshot.


def path_of(uri: str) -> str:
    """The path in a URI of whatever system, with forward slashes; for people, not for opening.

    A drive keeps its letter in lower case, a share its host; an untitled document has its name.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    path = _tidy(parts.path).replace("\\", "/")
    if _DRIVE.match(path):
        return path[1].lower() + path[2:]
    if parts.scheme == "file" and parts.netloc not in ("", "localhost"):
        return f"//{_tidy(parts.netloc)}{path}"
    return path


def _tidy(quoted: str) -> str:
    """Part of a URI in plain letters; what nothing could encode is replaced."""
    return unquote(quoted, errors="replace").encode(errors="replace").decode()


def file_of(uri: str) -> str:
    """The file of this machine that a URI names, "" where it names none."""
    if not uri.lower().startswith("file:"):
        return ""
    path = path_of(uri)
    on_drive = re.match(r"[a-z]:", path) is not None
    return path if on_drive == (os.name == "nt") and "\x00" not in path else ""


def relative(path: str, folders: Iterable[str]) -> str:
    """`path` as seen from the innermost of the workspace's folders that holds it; else its name."""
    starts = [folder.rstrip("/") + "/" for folder in folders if folder]
    holding = [start for start in starts if path.startswith(start)]
    if holding:
        return path[len(max(holding, key=len)) :]
    return path.rsplit("/", 1)[-1]


def folders(workspace: Documents) -> list[str]:
    """The URIs of the workspace's folders; of its root, for clients that know one folder only."""
    root = [workspace.root_uri] if workspace.root_uri else []
    return [folder.uri for folder in workspace.folders.values()] or root


def snapshot(workspace: Documents, document: Document) -> Snapshot:
    """The document as it stands now; the code of a notebook's other cells stands before and behind."""
    cells, version = _cells(workspace, document), document.version or 0
    made_of = (version, document.language_id or "", cells, folders(workspace))
    if document.made[0] != made_of:
        document.made = (made_of, _snapshot(document, *made_of))
    made: Snapshot = document.made[1]
    return made


def _snapshot(
    document: Document, version: int, language: str, cells: tuple[str, str, str], roots: list[str]
) -> Snapshot:
    from polylsp import completer  # Not before there is a model: see server.py.

    path = path_of(document.uri)
    shown, file = relative(path, map(path_of, roots)), file_of(document.uri)
    return completer.snapshot(document.uri, version, language, "".join(cells), shown, file)


def cursor(
    workspace: Documents, document: Document, position: lsp.Position
) -> tuple[Cursor, Place]:
    """Where `position` is, for us and for the client."""
    place = document.place(position)
    before, own, _ = _cells(workspace, document)
    ahead = before + own[: place.offset]
    # A snapshot's line ends are one character each.
    offset = len(ahead) - ahead.count("\r\n")
    return Cursor(snapshot(workspace, document), offset), place


def inline_item(
    suggestion: Suggestion, place: Place, selected: lsp.SelectedCompletionInfo | None
) -> lsp.InlineCompletionItem:
    """What VS Code and others draw as ghost text; always with a range, which Neovim compares with.

    With a completion list open, the item stands in for its selected entry, and starts with its text.
    """
    here = lsp.Position(place.line, place.character)
    if selected is not None:
        return lsp.InlineCompletionItem(
            selected.text + suggestion.insert_text,
            range=selected.range,
            command=_accepted(suggestion),
        )
    return lsp.InlineCompletionItem(
        suggestion.insert_text, range=lsp.Range(here, here), command=_accepted(suggestion)
    )


def list_item(
    suggestion: Suggestion, place: Place, encoding: str, rank: int, typed: str = ""
) -> lsp.CompletionItem:
    """The same for a completion list, which filters by the word that is begun at the cursor.

    `typed`: between `place`, where the list was asked for, and the suggestion's cursor.
    """
    prefix = suggestion.cursor.line_prefix
    word_match = _WORD.search(prefix)
    begun = max(len(word_match.group()) if word_match else 0, len(typed))
    word = prefix[len(prefix) - begun :]
    known = word[: len(word) - len(typed)]
    start = lsp.Position(place.line, place.character - units(known, encoding))
    new_text = word + suggestion.insert_text
    first_line = (word + suggestion.text).strip().split("\n", 1)[0]
    return lsp.CompletionItem(
        label=first_line,
        kind=lsp.CompletionItemKind.Text,
        detail="polylsp",
        documentation=suggestion.text if "\n" in suggestion.text else None,
        filter_text=word or first_line,
        sort_text=f"~{rank:02d}",
        insert_text_format=lsp.InsertTextFormat.PlainText,
        insert_text_mode=lsp.InsertTextMode.AsIs,
        text_edit=lsp.TextEdit(
            lsp.Range(start, lsp.Position(place.line, place.character)), new_text
        ),
        command=_accepted(suggestion),
    )


def with_selected(
    cursor: Cursor, place: Place, selected: lsp.SelectedCompletionInfo, document: Document
) -> Cursor | None:
    """The cursor as if the entry selected in a completion list had been inserted already.

    None where the entry is not a plain continuation of what is typed: nothing could be added to it.
    """
    start, end = document.place(selected.range.start), document.place(selected.range.end)
    typed = document.source[start.offset : end.offset]
    continues = end.offset == place.offset and selected.text.startswith(typed)
    if not continues or _NOT_WITHIN_A_LINE.search(selected.text):
        return None
    return cursor.typed(selected.text[len(typed) :])


def _accepted(suggestion: Suggestion) -> lsp.Command:
    """What an editor that can runs once the item was accepted."""
    told = [len(suggestion.text), round(suggestion.confidence, 4)]
    return lsp.Command("Accepted", "polylsp.accepted", arguments=told)


def _cells(workspace: Documents, document: Document) -> tuple[str, str, str]:
    """A notebook's code before a cell, the cell's own, and the code behind; else the document alone."""
    notebook = workspace.get_notebook_document(cell_uri=document.uri)
    own = document.source
    if notebook is None:
        return "", own, ""
    texts: list[str] = []
    here = 0
    for cell in notebook.cells:
        other = workspace.find(cell.document)
        if other is document:
            here = len(texts)
        elif other is not None and other.language_id == document.language_id:
            texts.append(other.source)
    bare = [text.rstrip("\r\n") for text in texts]
    before = "".join(text + "\n\n" for text in bare[:here])
    behind = "".join("\n\n" + text for text in bare[here:])
    return before, own, behind[1:] if own.endswith("\n") else behind
