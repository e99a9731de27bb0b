"""Completion lists, which editors filter by what is typed while they wait, without asking again.

So a list that was asked for is not given up when its user types on: it is answered as of where it was asked,
with items that begin with what was typed since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified

from polylsp.lsp import convert
from polylsp.lsp.documents import Place, units
from polylsp.types import Answer, Cursor

if TYPE_CHECKING:
    from polylsp.lsp.server import Asked, Server


async def listed(ls: Server, asked: Asked) -> tuple[Answer, list[lsp.CompletionItem]]:
    """What is suggested where it was asked. Raises JsonRpcContentModified where that is no more."""
    now = asked
    while True:
        try:
            answer = await ls.answer(now, lsp.TEXT_DOCUMENT_COMPLETION, explicit=False)
            break
        except JsonRpcContentModified:
            if (later := _typed_on(ls, asked, now)) is None:
                raise
            now = later
    typed = _typed(asked.cursor, now.cursor) or ""
    encoding = asked.document.encoding
    return answer, [
        convert.list_item(one, asked.place, encoding, rank, typed)
        for rank, one in enumerate(answer.suggestions)
    ]


def _typed_on(ls: Server, asked: Asked, now: Asked) -> Asked | None:
    """The same request as things stand now; None where it was replaced, or more was done than typing."""
    document = asked.document
    if ls.latest.get(document.uri) is not asked or ls.documents.find(document.uri) is not document:
        return None
    snapshot = convert.snapshot(ls.documents, document)
    grown = len(snapshot.text) - len(asked.cursor.snapshot.text)
    cursor = Cursor(snapshot, asked.cursor.offset + max(grown, 0))
    typed = _typed(asked.cursor, cursor)
    if typed is None or document.version == now.version:
        return None
    place = asked.place
    after = place.character + units(typed, document.encoding)
    return ls.again(asked, cursor, Place(place.offset + len(typed), place.line, after))


def _typed(before: Cursor, after: Cursor) -> str | None:
    """What was typed at a cursor within its line; None where that is not all that has changed."""
    old, new = before.snapshot.text, after.snapshot.text
    typed = new[before.offset : after.offset]
    if "\n" in typed or old[: before.offset] + typed + old[before.offset :] != new:
        return None
    return typed
