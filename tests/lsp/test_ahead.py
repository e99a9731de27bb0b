"""What is computed before it is asked for: what comes behind a suggestion, and prompts read beforehand."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from polylsp.lsp.power import Power
from tests.fakes import ScriptedWeights
from tests.lsp.wire import END, SAID, SOURCE, URI, Wire, asynchronous, scripted

OTHER = "file:///code/b.py"
LONG = "value = compute(value, other)\n" * 30
NEXT = "two = 2"
COLD = {"engine": {"warmUp": False}}


async def shown(folder: Path, reply: str = SAID + "\n" + NEXT + "\n") -> tuple[Wire, Any]:
    """A client that sees a suggestion, and whatever the server went on to do behind it."""
    weights, load = scripted(folder, reply)
    client = await Wire(load).ready(COLD)
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    await at_rest(client)
    return client, weights


async def at_rest(client: Wire) -> None:
    """Wait until one step has followed another to the last."""
    for _ in range(5):
        await client.idle()


@asynchronous
async def test_what_comes_behind_a_suggestion_is_there_when_it_is_taken(tmp_path: Path) -> None:
    client, _ = await shown(tmp_path)
    client.type(SAID, *END)
    assert await client.texts(0, len(SOURCE + SAID)) == []
    assert (await client.status())["last"]["hit"]
    client.type("\n", 0, len(SOURCE + SAID), version=3)
    assert await client.texts(1, 0) == [NEXT]
    status = await client.status()
    assert (status["last"]["hit"], status["earlier"]) == (True, 1)


@asynchronous
async def test_it_stays_there_while_the_suggestion_is_typed_by_hand(tmp_path: Path) -> None:
    client, weights = await shown(tmp_path)
    passes = weights.passes
    for index, key in enumerate(SAID):
        client.type(key, 0, END[1] + index, version=2 + index)
        left = SAID[index + 1 :]
        assert await client.texts(0, END[1] + index + 1) == ([left] if left else [])
    await at_rest(client)
    assert weights.passes == passes


@asynchronous
async def test_it_goes_on_while_the_suggestion_is_typed_by_hand(tmp_path: Path) -> None:
    weights, load = scripted(tmp_path, SAID + "\n" + NEXT + "\n")
    client = await Wire(load).ready(COLD)
    client.open(SOURCE)
    stop = threading.Event()
    weights.on_pass = lambda number: number > 10 and stop.wait(20)
    assert await client.texts(*END) == [SAID]
    client.type(SAID[0], *END)
    assert await client.texts(0, END[1] + 1) == [
        SAID[1:]
    ]  # While what comes behind it is computed.
    stop.set()
    await at_rest(client)
    assert (await client.status())["wastedTokens"] == 0


@asynchronous
async def test_it_ends_once_something_else_is_typed(tmp_path: Path) -> None:
    weights, load = scripted(tmp_path, SAID + "\n" + NEXT + "\n")
    client = await Wire(load).ready(COLD)
    client.open(SOURCE)
    there, stop = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        if number == 10:
            there.set()
            assert stop.wait(20)

    weights.on_pass = hold
    assert await client.texts(*END) == [SAID]
    assert await asyncio.to_thread(there.wait, 20)
    client.server.settings.apply({"engine": {"ahead": False}})
    client.type("x", *END)
    stop.set()
    await at_rest(client)
    assert weights.passes == 10
    assert (await client.status())["wastedTokens"] > 0


@pytest.mark.parametrize("how", ["switched off", "on battery"])
@asynchronous
async def test_nothing_is_computed_unasked(tmp_path: Path, how: str) -> None:
    weights, load = scripted(tmp_path)
    client = await Wire(load).ready({"engine": {"ahead": how != "switched off"}})
    if how == "on battery":
        client.server.ahead.power = Power(lambda: True)
    client.open(LONG + SOURCE)
    client.type("x", 0, 0)
    await at_rest(client)
    assert weights.passes == 0
    assert await client.texts(30, END[1]) == [SAID]
    passes = weights.passes
    await at_rest(client)
    assert weights.passes == passes


@asynchronous
async def test_a_document_is_read_when_it_is_opened_in_small_steps(tmp_path: Path) -> None:
    client, weights = await opened(tmp_path)
    assert len(weights.sizes) > 3
    assert max(weights.sizes) <= 32
    assert await client.texts(30, END[1]) == [SAID]
    last = (await client.status())["last"]
    # As far as an answer anywhere in it would build on.
    assert 0.4 < last["reusedTokens"] / last["promptTokens"] < 0.6


@asynchronous
async def test_a_document_that_was_opened_before_the_model_was_ready_is_read_then(
    tmp_path: Path,
) -> None:
    weights, load = scripted(tmp_path)
    client = Wire(load)
    await client.start()
    client.open(LONG + SOURCE)
    assert weights.passes == 0
    await client.status_that(lambda status: status["state"] == "ready")
    await at_rest(client)
    assert weights.passes > 0


async def opened(
    folder: Path, options: Any = None, below: str = ""
) -> tuple[Wire, ScriptedWeights]:
    weights, load = scripted(folder)
    client = await Wire(load).ready(options)
    client.open(LONG + SOURCE + below)
    await at_rest(client)
    return client, weights


@asynchronous
async def test_a_document_that_comes_to_the_front_is_read_to_its_cursor(tmp_path: Path) -> None:
    client, _ = await opened(tmp_path, below="\n" + LONG)
    position = {"line": 30, "character": END[1]}
    client.tell("polylsp/didFocus", {"textDocument": {"uri": URI}, "position": position})
    await at_rest(client)
    assert await client.texts(30, END[1]) == [SAID]
    last = (await client.status())["last"]
    assert last["promptTokens"] - last["reusedTokens"] <= 2


@pytest.mark.parametrize("params", [None, {}, {"textDocument": 1}, {"textDocument": {"uri": "?"}}])
@asynchronous
async def test_a_malformed_focus_is_ignored(tmp_path: Path, params: Any) -> None:
    client, weights = await opened(tmp_path)
    read = weights.read
    client.tell("polylsp/didFocus", params)
    await at_rest(client)
    assert weights.read == read


@asynchronous
async def test_documents_are_not_read_unasked_where_that_is_switched_off(tmp_path: Path) -> None:
    _, weights = await opened(tmp_path, COLD)
    assert weights.passes == 0


@asynchronous
async def test_what_was_edited_before_is_read_while_nothing_is_typed(tmp_path: Path) -> None:
    client, weights = await opened(tmp_path, {"context": {"neighbours": False}})
    client.open(SOURCE, OTHER)
    assert await client.texts(*END, uri=OTHER) == [SAID]
    client.type("# One line more.\n", 0, 0)
    client.type("x", 0, 0, OTHER)
    await at_rest(client)
    await client.command("polylsp.clearCache")
    client.server.ahead.idle()
    await at_rest(client)
    read = weights.read
    assert read > 0
    client.server.ahead.idle()  # Once is enough.
    await at_rest(client)
    assert weights.read - read <= 2
