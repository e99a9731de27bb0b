"""Counted: once an answer is of no use, the pass of the model that is under way is the last one.

Whatever makes it so, and whichever pass it comes upon: of the prompt, of the first candidate or another, of
one token or of several that were guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import position
from polylsp.client.rpc import ResponseError
from tests.fakes import ScriptedWeights
from tests.lsp.wire import Wire, asynchronous, scripted

CANCELLED, MODIFIED = -32800, -32801
SETTINGS = {
    "engine": {"ahead": False, "explicitBudget": 60_000},
    "suggest": {"candidates": 2, "syntax": False},
    "context": {"neighbours": False},
    # Or what other documents hold would be drafted, in fewer passes.
    "memory": {"enabled": False},
}
FILLER = "".join(f"name_{number} = compute(other_{number})\n" for number in range(11))
# Where it is asked, what the model says, and the pass by which it has said something: two are the prompt's, the
# others say again what token healing had taken off.
LINE = (FILLER + "total = ", "a_long_name\n", 3)
BLOCK = (FILLER + "def f(self):\n    ", "self.a = 1\n    self.a = 2\n\n", 4)

Deed = Callable[[Wire, str, str, "asyncio.Future[Any]"], None]


def typed_against(client: Wire, uri: str, text: str, _: asyncio.Future[Any]) -> None:
    place = position(text, len(text))
    client.type("?", place["line"], place["character"], uri)


def edited_elsewhere(client: Wire, uri: str, _text: str, _: asyncio.Future[Any]) -> None:
    client.type("x", 0, 0, uri)


def replaced(client: Wire, uri: str, text: str, _: asyncio.Future[Any]) -> None:
    client.change("x" + text, uri)


def closed(client: Wire, uri: str, _text: str, _: asyncio.Future[Any]) -> None:
    client.close_document(uri)


def cancelled(client: Wire, _uri: str, _text: str, asked: asyncio.Future[Any]) -> None:
    client.cancel(asked)


@pytest.mark.parametrize("deed", [typed_against, edited_elsewhere, replaced, closed, cancelled])
@pytest.mark.parametrize(("text", "reply", "first"), [LINE, BLOCK], ids=["line", "block"])
@asynchronous
async def test_the_pass_under_way_is_the_last(
    tmp_path: Path, text: str, reply: str, first: int, deed: Deed
) -> None:
    """What is typed can only be set against something that was said."""
    weights, load = scripted(tmp_path, reply)
    client = await Wire(load).ready(SETTINGS)
    every = await passes(client, weights, text, "file:///code/0.py")
    assert weights.sizes[0] == 256  # The prompt takes several.
    assert (max(weights.sizes[2:]) > 1) is (reply == BLOCK[1])  # Guesses.
    assert every > 12
    for at in range(1, every):
        uri = f"file:///code/{at}.py"
        last = max(at, first) if deed is typed_against else at
        assert await passes(client, weights, text, uri, deed, at) == last


async def passes(
    client: Wire,
    weights: ScriptedWeights,
    text: str,
    uri: str,
    deed: Deed | None = None,
    at: int = 0,
) -> int:
    """How many there were for a request by hand at the end of `text`, if `deed` is done during the `at`th."""
    await client.command("polylsp.clearCache")
    client.open(text, uri)
    loop, before = asyncio.get_running_loop(), weights.passes
    place = position(text, len(text))
    asked = client.inline(place["line"], place["character"], uri, trigger=1)

    async def do() -> None:
        assert deed is not None
        deed(client, uri, text, asked)
        while not asked.done():  # At once: the model stands at its pass.
            await asyncio.sleep(0)

    def on_pass(number: int) -> None:
        if deed is not None and number == before + at:
            asyncio.run_coroutine_threadsafe(do(), loop).result(20)

    weights.on_pass = on_pass
    if deed is None:
        assert (await asked)["items"]
    else:
        with pytest.raises(ResponseError) as ended:
            await asked
        assert ended.value.code in (CANCELLED, MODIFIED)
    await client.idle()
    return weights.passes - before
