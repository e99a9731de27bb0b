"""What the server offers, and what its methods and commands do."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.rpc import ResponseError
from polylsp.completer import Completer
from polylsp.config import Config
from tests.lsp.wire import END, SAID, SOURCE, URI, Wire, asynchronous, scripted

COMMANDS = [
    *("polylsp.accepted", "polylsp.clearCache", "polylsp.clearIndex"),
    *("polylsp.pause", "polylsp.showPrompt", "polylsp.toggle"),
]
NO_INLINE: dict[str, Any] = {"textDocument": {}}
CELL = "vscode-notebook-cell:/code/n.ipynb#"


def wire(folder: Path, reply: str = SAID + "\n") -> Wire:
    return Wire(scripted(folder, reply)[1])


@asynchronous
async def test_what_the_server_offers(tmp_path: Path) -> None:
    capabilities = await wire(tmp_path).start(None, {"textDocument": {"inlineCompletion": {}}})
    assert capabilities["inlineCompletionProvider"] == {}
    saves = {"includeText": False}
    assert capabilities["textDocumentSync"] == {"openClose": True, "change": 2, "save": saves}
    folders = capabilities["workspace"]["workspaceFolders"]
    assert folders == {"supported": True, "changeNotifications": True}
    assert sorted(capabilities["executeCommandProvider"]["commands"]) == COMMANDS
    assert "completionProvider" not in capabilities


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16", "utf-32"], "utf-8"),
        (["utf-16"], "utf-16"),
        (["utf-32"], "utf-32"),
        (["unheard of"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
    ],
)
@asynchronous
async def test_positions_are_counted_as_the_client_likes_best(
    tmp_path: Path, offered: Any, chosen: str
) -> None:
    general = {"general": {"positionEncodings": offered}} if offered is not None else {}
    client = wire(tmp_path)
    assert (await client.start(None, general))["positionEncoding"] == chosen
    client.open("€😀x")
    width = {"utf-8": 7, "utf-16": 3, "utf-32": 2}[chosen]
    client.tell(
        "textDocument/didChange",
        {
            "textDocument": {"uri": URI, "version": 2},
            "contentChanges": [
                {
                    "range": {
                        "start": {"line": 0, "character": width},
                        "end": {"line": 0, "character": width},
                    },
                    "text": "-",
                }
            ],
        },
    )
    document = client.server.documents.find(URI)
    assert document is not None
    assert document.source == "€😀-x"


@pytest.mark.parametrize(
    ("setting", "inline", "offered"),
    [
        ("auto", True, False),
        ("auto", False, True),
        ("on", True, True),
        ("on", False, True),
        ("off", True, False),
        ("off", False, False),
    ],
)
@asynchronous
async def test_a_list_is_offered_where_ghost_text_cannot_be_shown_unless_set(
    tmp_path: Path, setting: str, inline: bool, offered: bool
) -> None:
    client = wire(tmp_path)
    able: dict[str, Any] = {"textDocument": {"inlineCompletion": {}} if inline else {}}
    capabilities = await client.start({"lsp": {"completion": setting}}, able)
    assert ("completionProvider" in capabilities) == offered
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 6}}
    if offered:
        assert "(" in capabilities["completionProvider"]["triggerCharacters"]
        assert await client.ask("textDocument/completion", place)
    else:
        with pytest.raises(ResponseError) as refused:
            await client.ask("textDocument/completion", place)
        assert refused.value.code == -32601


@asynchronous
async def test_a_list_holds_the_suggestion(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready(None, NO_INLINE)
    client.open(SOURCE)
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 6}}
    answer = await client.ask("textDocument/completion", place)
    [item] = answer["items"]
    assert item["textEdit"]["newText"] == SAID
    # The next key may change everything.
    assert answer["isIncomplete"] is True


@asynchronous
async def test_inline_items_have_a_range_at_the_cursor(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    [item] = (await client.inline(*END))["items"]
    here = {"line": 0, "character": 6}
    assert item["range"] == {"start": here, "end": here}
    [clamped] = (await client.inline(40, 400))["items"]
    assert clamped["range"] == item["range"]


@asynchronous
async def test_several_candidates_are_offered_when_asked_by_hand(tmp_path: Path) -> None:
    # A model that is not sure says something else now and then.
    _, load = scripted(tmp_path, sure=0.3)
    client = await Wire(load).ready({"suggest": {"candidates": 5, "syntax": False}})
    client.open(SOURCE)
    texts = await client.texts(*END, trigger=1)
    assert 1 < len(texts) <= 5
    assert len(set(texts)) == len(texts)


@asynchronous
async def test_the_entry_selected_in_a_list_is_gone_on_from(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open("y = pri")
    range_ = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 7}}
    entry = {"range": range_, "text": SOURCE}
    [item] = (await client.inline(0, 7, selectedCompletionInfo=entry))["items"]
    assert (item["insertText"], item["range"]) == (SOURCE + SAID, range_)
    entry["text"] = "other"
    assert (await client.inline(0, 7, selectedCompletionInfo=entry))["items"] == []


@asynchronous
async def test_toggle_pauses_and_goes_on(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    assert await client.command("polylsp.toggle") == {"enabled": False}
    # At once, for every request behind it.
    assert await client.texts(*END, trigger=1) == []
    status = await client.status()
    assert (status["state"], status["lastSilence"]) == ("paused", "paused")
    assert await client.command("polylsp.toggle") == {"enabled": True}
    assert await client.texts(*END) == [SAID]


@asynchronous
async def test_clear_cache_costs_time_and_changes_no_answer(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready({"engine": {"ahead": False}})
    client.open(SOURCE)
    first = await client.texts(*END)
    await client.texts(*END)
    assert (await client.status())["last"]["hit"]
    assert await client.command("polylsp.clearCache") is None
    assert await client.texts(*END) == first
    last = (await client.status())["last"]
    assert (last["hit"], last["reusedTokens"]) == (False, 0)


@asynchronous
async def test_show_prompt_shows_what_the_model_would_be_given(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready({"prompt": {"healing": False, "path": False}})
    client.open("a = 1\r\nprint(")
    place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 6}}
    shown = await client.command("polylsp.showPrompt", place)
    assert shown["text"].endswith("a = 1\nprint(")
    assert shown["tokens"] > 5
    assert shown["silence"] is None


@asynchronous
async def test_accepted_suggestions_are_counted(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready()
    client.open(SOURCE)
    [item] = (await client.inline(*END))["items"]
    command = item["command"]
    assert await client.command(command["command"], *command["arguments"]) is None
    assert (await client.status())["accepted"] == 1


@asynchronous
async def test_commands_do_no_harm_before_there_is_a_model(tmp_path: Path) -> None:
    load, release = scripted(tmp_path)[1], threading.Event()

    def later(config: Config) -> Completer:
        assert release.wait(20)
        return load(config)

    client = Wire(later)
    await client.start()
    client.open(SOURCE)
    assert await client.command("polylsp.accepted") is None
    assert await client.command("polylsp.clearCache") is None
    assert await client.command("polylsp.toggle") == {"enabled": False}
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    shown = await client.command("polylsp.showPrompt", place)
    unknown = {"share": 0.0, "origin": ""}
    assert shown == {"text": "", "tokens": 0, "silence": "loading", "memory": unknown}
    release.set()


def open_notebook(client: Wire, *texts: str) -> None:
    uris = [f"{CELL}{number}" for number in range(len(texts))]
    client.tell(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {
                "uri": "file:///code/n.ipynb",
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": [{"kind": 2, "document": uri} for uri in uris],
            },
            "cellTextDocuments": [
                {"uri": uri, "languageId": "python", "version": 1, "text": text}
                for uri, text in zip(uris, texts, strict=True)
            ],
        },
    )


NOTEBOOKS: dict[str, Any] = {"notebookDocument": {"synchronization": {}}}


@asynchronous
async def test_cells_are_completed_and_see_the_other_cells(tmp_path: Path) -> None:
    client = wire(tmp_path)
    capabilities = await client.start({"prompt": {"healing": False}}, NOTEBOOKS)
    assert capabilities["notebookDocumentSync"]["notebookSelector"]
    await client.status_that(lambda status: status["state"] == "ready")
    open_notebook(client, "above = 1", SOURCE)
    assert await client.texts(*END, uri=CELL + "1") == [SAID]
    place = {"textDocument": {"uri": CELL + "1"}, "position": {"line": 0, "character": 6}}
    shown = await client.command("polylsp.showPrompt", place)
    assert shown["text"].endswith("above = 1\n\nprint(")


@asynchronous
async def test_cells_come_change_and_go(tmp_path: Path) -> None:
    client = await wire(tmp_path).ready(None, NOTEBOOKS)
    open_notebook(client, "a", "b")
    notebook = {"uri": "file:///code/n.ipynb", "version": 2}
    new = {"uri": CELL + "new", "languageId": "python", "version": 1, "text": SOURCE}
    structure = {
        "array": {"start": 1, "deleteCount": 1, "cells": [{"kind": 2, "document": new["uri"]}]},
        "didOpen": [new],
        "didClose": [{"uri": CELL + "1"}],
    }
    client.tell(
        "notebookDocument/didChange",
        {"notebookDocument": notebook, "change": {"cells": {"structure": structure}}},
    )
    assert client.server.recent == [CELL + "0", CELL + "new"]
    assert await client.texts(*END, uri=CELL + "new") == [SAID]
    assert await client.texts(*END, uri=CELL + "1") == []
    asked = client.inline(*END, uri=CELL + "new", trigger=1)
    content = {
        "document": {"uri": CELL + "new", "version": 2},
        "changes": [{"text": "changed"}],
    }
    client.tell(
        "notebookDocument/didChange",
        {"notebookDocument": notebook, "change": {"cells": {"textContent": [content]}}},
    )
    with pytest.raises(ResponseError) as stale:
        await asked
    assert stale.value.code == -32801
    cells = [{"uri": CELL + "0"}, {"uri": CELL + "new"}]
    client.tell(
        "notebookDocument/didClose",
        {"notebookDocument": {"uri": notebook["uri"]}, "cellTextDocuments": cells},
    )
    assert client.server.recent == []
    assert not client.server.documents.text_documents
