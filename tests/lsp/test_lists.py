"""Completion lists: who types on while one is made gets it all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.rpc import ResponseError
from tests.lsp.wire import URI, Wire, asynchronous, scripted

SAID = "one_of_them)"
LISTS: dict[str, Any] = {"textDocument": {}}


@asynchronous
async def test_a_list_is_answered_as_of_where_it_was_asked_with_what_was_typed_since(
    tmp_path: Path,
) -> None:
    client = await wire(tmp_path).ready(None, LISTS)
    client.open("x = '😀'; print(")
    listed = ask(client, 16)
    client.type("o", 0, 16, version=2)
    client.type("n", 0, 17, version=3)
    [item] = (await listed)["items"]
    assert item["textEdit"]["newText"] == SAID
    assert item["filterText"] == "on"
    here = {"line": 0, "character": 16}
    assert item["textEdit"]["range"] == {"start": here, "end": here}


@asynchronous
async def test_a_word_that_was_begun_before_is_replaced_as_far_as_it_was_known(
    tmp_path: Path,
) -> None:
    client = await wire(tmp_path).ready(None, LISTS)
    client.open("print(o")
    listed = ask(client, 7)
    client.type("n", 0, 7)
    [item] = (await listed)["items"]
    assert item["textEdit"]["newText"] == SAID
    assert item["textEdit"]["range"]["start"]["character"] == 6
    assert item["textEdit"]["range"]["end"]["character"] == 7


@pytest.mark.parametrize("edit", ["elsewhere", "a line", "deleted", "asked again", "closed"])
@asynchronous
async def test_a_list_is_given_up_where_more_was_done_than_typing(
    tmp_path: Path, edit: str
) -> None:
    client = await wire(tmp_path).ready(None, LISTS)
    client.open("print(")
    listed = ask(client, 6)
    again: asyncio.Future[Any] | None = None
    if edit == "elsewhere":
        client.type("a", 0, 0)
    elif edit == "a line":
        client.type("\n", 0, 6)
    elif edit == "deleted":
        client.delete(0, 5, 6)
    elif edit == "closed":
        client.close_document()
    else:
        client.type("o", 0, 6)
        again = ask(client, 7)
    with pytest.raises(ResponseError) as superseded:
        await listed
    assert superseded.value.code == -32801
    if again is not None:
        assert [item["textEdit"]["newText"] for item in (await again)["items"]] == [SAID]


def ask(client: Wire, character: int) -> asyncio.Future[Any]:
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": character}}
    return client.ask("textDocument/completion", place)


def wire(folder: Path) -> Wire:
    return Wire(scripted(folder, SAID + "\n")[1])
