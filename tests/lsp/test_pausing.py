"""What a pause covers, who is told of it, and when it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polylsp.client.rpc import ResponseError
from tests.lsp.wire import END, SAID, SOURCE, URI, Wire, asynchronous, scripted

OTHER = "file:///code/b.py"
HEADER = "file:///code/c.h"


async def ready(folder: Path, options: Any = None) -> Wire:
    client = await Wire(scripted(folder)[1]).ready(options)
    client.open(SOURCE)
    return client


def pause(client: Wire, scope: str, paused: bool = True, uri: str = URI) -> Any:
    wish = {"scope": scope, "paused": paused, "textDocument": {"uri": uri}}
    return client.command("polylsp.pause", wish)


@asynchronous
async def test_a_file_is_paused_alone(tmp_path: Path) -> None:
    client = await ready(tmp_path)
    client.open(SOURCE, OTHER)
    paused = {"everywhere": False, "languages": [], "files": [URI]}
    assert await pause(client, "file") == paused
    assert await client.texts(*END) == []
    status = await client.status()
    assert (status["state"], status["pausedBy"], status["paused"]) == ("paused", "file", paused)
    assert status["lastSilence"] == "paused"
    assert await client.texts(*END, uri=OTHER) == [SAID]
    assert (await client.status())["pausedBy"] == ""
    await pause(client, "file", paused=False)
    assert await client.texts(*END) == [SAID]


@asynchronous
async def test_a_language_is_paused_in_every_file(tmp_path: Path) -> None:
    client = await ready(tmp_path)
    client.open(SOURCE, HEADER, language="c")
    assert (await pause(client, "language"))["languages"] == ["python"]
    client.open(SOURCE, OTHER)
    for uri in (URI, OTHER):
        assert await client.texts(*END, uri=uri) == []
    assert (await client.status())["pausedBy"] == "language"
    assert await client.texts(*END, uri=HEADER) == [SAID]


@asynchronous
async def test_everything_is_paused_as_toggle_does(tmp_path: Path) -> None:
    client = await ready(tmp_path)
    for _ in range(2):
        assert (await pause(client, "everywhere"))["everywhere"]
    assert await client.texts(*END) == []
    assert await client.command("polylsp.toggle") == {"enabled": True}
    assert await client.texts(*END) == [SAID]


@asynchronous
async def test_a_document_that_comes_to_front_is_told_to_be_paused(tmp_path: Path) -> None:
    client = await ready(tmp_path)
    await pause(client, "file")
    client.open(SOURCE, OTHER)
    for uri, state in ((URI, "paused"), (OTHER, "ready"), (URI, "paused")):
        since = len(client.heard)
        client.tell("polylsp/didFocus", {"textDocument": {"uri": uri}})
        told = await client.status_that(lambda told, state=state: told["state"] == state, since)  # type: ignore[misc]
        assert (told["pausedBy"] == "file") == (uri == URI)


@asynchronous
async def test_a_language_that_settings_disable_counts_as_paused(tmp_path: Path) -> None:
    client = await ready(tmp_path, {"disabledLanguages": ["python"]})
    status = await client.status()
    assert (status["state"], status["pausedBy"]) == ("paused", "language")
    assert status["paused"]["languages"] == []


@asynchronous
async def test_a_restarted_server_is_given_what_the_last_one_had_paused(tmp_path: Path) -> None:
    client = await ready(tmp_path)
    wishes = [
        {"scope": "everywhere", "paused": False},
        {"scope": "language", "language": "rust"},
        {"scope": "file", "textDocument": {"uri": OTHER}},
    ]
    paused = {"everywhere": False, "languages": ["rust"], "files": [OTHER]}
    assert await client.command("polylsp.pause", *wishes) == paused


@pytest.mark.parametrize(
    "wish",
    [
        {"scope": "galaxy"},
        {"scope": "file"},
        {"scope": "language", "textDocument": {"uri": OTHER}},
        {"scope": "everywhere", "paused": "yes"},
        {"scope": "language", "language": 7},
        None,
    ],
)
@asynchronous
async def test_what_cannot_be_paused_pauses_nothing(tmp_path: Path, wish: Any) -> None:
    client = await ready(tmp_path)
    with pytest.raises(ResponseError, match="scope"):
        await client.command("polylsp.pause", {"scope": "everywhere"}, wish)
    assert await client.texts(*END) == [SAID]
