"""The open documents, equal to the client's to the last code unit.

pygls keeps them; this mends what it gets wrong: lines end at LF, CRLF and CR only (form feeds and U+2028
are text), positions past a line's or the document's end are clamped to it, and a position may fall between
the two halves of a UTF-16 surrogate pair.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.workspace import TextDocument, Workspace

log = logging.getLogger(__name__)

_LINE_END = re.compile("\r\n?|\n")
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@dataclass(frozen=True, slots=True)
class Place:
    """A position that exists in a document."""

    offset: int  # Code points.
    line: int
    character: int  # The client's code units.


class Document(TextDocument):
    """A text document as the protocol means it. Never reads the disk, and bears any URI."""

    def __init__(self, uri: str, **about: Any) -> None:
        super().__init__("", **about)
        self.uri = uri
        # What was last made of it, and of what: it is asked for several times at every key.
        self.made: tuple[Any, Any] = (None, None)

    @property
    def source(self) -> str:
        return self._source or ""

    @property
    def encoding(self) -> str:
        return str(getattr(self.position_codec.encoding, "value", self.position_codec.encoding))

    @property
    def lines(self) -> Sequence[str]:
        ends = [match.end() for match in _LINE_END.finditer(self.source)]
        starts = [0, *ends]
        return tuple(
            self.source[start:end]
            for start, end in zip(starts, [*ends, len(self.source)], strict=True)
        )

    def place(self, position: lsp.Position) -> Place:
        """The place meant by `position`, clamped into the document."""
        text = self.source
        line, start = _line_start(text, position.line)
        if line < position.line:
            last = text[start:]
            return Place(len(text), line, units(last, self.encoding))
        content = text[start : _line_end(text, start)]
        offset, character = _column(content, position.character, self.encoding)
        return Place(start + offset, line, character)

    def _apply_incremental_change(self, change: lsp.TextDocumentContentChangePartial) -> None:
        self._source = splice(self.source, change.range, change.text, self.encoding)


class Documents(Workspace):
    """pygls's workspace, with documents of ours."""

    def __init__(
        self,
        root_uri: str | None = None,
        folders: Sequence[lsp.WorkspaceFolder] = (),
        encoding: lsp.PositionEncodingKind | str | None = lsp.PositionEncodingKind.Utf16,
    ) -> None:
        super().__init__(None, lsp.TextDocumentSyncKind.Incremental, folders, encoding)
        self._root_uri = root_uri

    @property
    def encoding(self) -> str:
        """What positions are counted in: utf-8, utf-16 or utf-32."""
        return str(getattr(self.position_encoding, "value", self.position_encoding))

    def find(self, uri: str) -> Document | None:
        """The open document, or None: nothing is read from disk in its stead."""
        found = self.text_documents.get(unquote(uri))
        return found if isinstance(found, Document) else None

    def update_text_document(
        self,
        text_doc: lsp.VersionedTextDocumentIdentifier,
        change: lsp.TextDocumentContentChangeEvent,
    ) -> None:
        if self.find(text_doc.uri) is None:
            log.warning("a change to a document that is not open was ignored")
            return
        super().update_text_document(text_doc, change)

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Document:
        return Document(
            doc_uri,
            source=source,
            version=version,
            language_id=language_id,
            sync_kind=self._sync_kind,
            position_codec=self._position_codec,
        )


def splice(text: str, range_: lsp.Range, new: str, encoding: str) -> str:
    """`text` with `new` in place of `range_`, exactly as a client that counts in `encoding` has it."""
    start_line, start = _line_start(text, range_.start.line)
    end_line, end = _line_start(text, range_.end.line)
    end, close = max(start, end), _line_end(text, max(start, end))
    # Positions are turned into bytes of the lines they touch, so that half a pair is no special case.
    codec, unit = _CODECS.get(encoding, _CODECS["utf-16"])
    first, upto_last, touched = (
        text[start:stop].encode(codec, "surrogatepass")
        for stop in (_line_end(text, start), end, close)
    )
    low = len(first)
    if start_line == range_.start.line:
        low = _on_border(first, min(range_.start.character * unit, low), codec)
    high = len(touched)
    if end_line == range_.end.line:
        high = min(len(upto_last) + range_.end.character * unit, high)
        high = max(low, _on_border(touched, high, codec))
    changed = touched[:low] + new.encode(codec, "surrogatepass") + touched[high:]
    return text[:start] + changed.decode(codec, "surrogatepass") + text[close:]


def units(text: str, encoding: str) -> int:
    """The length of `text` in code units of `encoding`."""
    codec, unit = _CODECS.get(encoding, _CODECS["utf-16"])
    return len(text) if text.isascii() else len(text.encode(codec, "surrogatepass")) // unit


def _line_start(text: str, line: int) -> tuple[int, int]:
    """The number and the offset of `line`, or of the last line where there are fewer."""
    if "\r" not in text or text.count("\r") == text.count("\r\n"):
        tail = text.split("\n", line)
        return len(tail) - 1, len(text) - len(tail[-1])
    start = found = 0
    for match in _LINE_END.finditer(text):
        if found == line:
            break
        found, start = found + 1, match.end()
    return found, start


def _line_end(text: str, start: int) -> int:
    """Where the line that starts at `start` ends, without its line end."""
    match = _LINE_END.search(text, start)
    return match.start() if match else len(text)


def _column(line: str, character: int, encoding: str) -> tuple[int, int]:
    """How many code points and how many units into `line` the unit `character` is.

    Inside of a character that takes several units, its start is meant.
    """
    if line.isascii():
        offset = min(character, len(line))
        return offset, offset
    codec, unit = _CODECS.get(encoding, _CODECS["utf-16"])
    encoded = line.encode(codec, "surrogatepass")
    end = _on_border(encoded, min(character * unit, len(encoded)), codec)
    if codec == "utf-16-le" and _splits_pair(encoded, end):
        end -= 2
    return len(encoded[:end].decode(codec, "surrogatepass")), end // unit


def _on_border(encoded: bytes, at: int, codec: str) -> int:
    """`at`, or the start of the character that it falls into (UTF-8 only)."""
    while codec == "utf-8" and 0 < at < len(encoded) and encoded[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _splits_pair(encoded: bytes, at: int) -> bool:
    if not 2 <= at < len(encoded):
        return False
    before, behind = encoded[at - 1], encoded[at + 1]
    return 0xD8 <= before <= 0xDB and 0xDC <= behind <= 0xDF
