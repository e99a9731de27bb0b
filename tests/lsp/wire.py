"""A server in this process: what a client says goes in, and what it is told comes out.

Only the streams and the client are left out. The model is a scripted one, or real.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from polylsp.client.rpc import Message, ResponseError
from polylsp.completer import Completer
from polylsp.config import Config
from polylsp.lsp.handlers import build
from tests.fakes import ScriptedWeights, replying, scripted_model

URI = "file:///code/a.py"
SOURCE, END, SAID = (
    "print(",
    (0, 6),
    "one)",
)  # A document, its end, and what the scripted model says there.


def asynchronous(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test that is a coroutine; it may not hang."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 60))

    return run


class Wire:
    """One client and its server, both on the running event loop."""

    def __init__(
        self,
        load: Callable[[Config], Completer],
        serves: Callable[[str, Any], Any] = lambda method, params: None,
        root: str | None = "file:///code",
    ) -> None:
        """`load` gets the server its model; `serves(method, params)` answers what the server asks.

        `root` is the workspace's folder, as a URI.
        """
        self.server = build(load)
        self._root = root
        self.heard: list[Message] = []  # Whatever the server said besides answering what was asked.
        self.exits: list[int] = []
        self._serves = serves
        self._pending: dict[Any, asyncio.Future[Any]] = {}
        self._next_id = 0
        self._news = asyncio.Event()
        self.server.protocol.stopped = self.exits.append
        self.server.protocol.set_writer(self)

    async def start(self, options: Any = None, capabilities: Message | None = None) -> Any:
        """Initialize; what the server can do."""
        capabilities = {"experimental": {"polylspStatus": True}, **(capabilities or {})}
        if "textDocument" not in capabilities:
            capabilities["textDocument"] = {"inlineCompletion": {}}
        params = {
            "processId": None,
            "rootUri": self._root,
            "capabilities": capabilities,
            "initializationOptions": options,
        }
        result = await self.ask("initialize", params)
        self.tell("initialized", {})
        return result["capabilities"]

    async def ready(self, options: Any = None, capabilities: Message | None = None) -> Wire:
        """Initialize, and wait for the model."""
        await self.start(options, capabilities)
        await self.status_that(lambda status: status["state"] not in ("loading", "busy"))
        return self

    def open(self, text: str, uri: str = URI, language: str = "python", version: int = 1) -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, text: str, uri: str = URI, version: int = 2) -> None:
        """Replace a document's whole text."""
        document = {"uri": uri, "version": version}
        params = {"textDocument": document, "contentChanges": [{"text": text}]}
        self.tell("textDocument/didChange", params)

    def type(self, text: str, line: int, character: int, uri: str = URI, version: int = 2) -> None:
        """Put `text` in at a place."""
        self._edit(text, line, character, character, uri, version)

    def delete(self, line: int, start: int, end: int, uri: str = URI, version: int = 3) -> None:
        """Take away what stands between two places of a line."""
        self._edit("", line, start, end, uri, version)

    def _edit(self, text: str, line: int, start: int, end: int, uri: str, version: int) -> None:
        places = [{"line": line, "character": character} for character in (start, end)]
        change = {"range": dict(zip(("start", "end"), places, strict=True)), "text": text}
        document = {"uri": uri, "version": version}
        params = {"textDocument": document, "contentChanges": [change]}
        self.tell("textDocument/didChange", params)

    async def idle(self) -> None:
        """Wait for what the server has begun by itself."""
        await asyncio.sleep(0)
        await self.server.schedule.run(lambda: None)

    def close_document(self, uri: str = URI) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def inline(
        self, line: int, character: int, uri: str = URI, trigger: int = 2, **context: Any
    ) -> asyncio.Future[Any]:
        """Ask for inline completions: an LSP list, in the end."""
        params = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": trigger, **context},
        }
        return self.ask("textDocument/inlineCompletion", params)

    async def texts(self, line: int, character: int, **how: Any) -> list[str]:
        """What inline completions say."""
        answer = await self.inline(line, character, **how)
        return [item["insertText"] for item in answer["items"]]

    def command(self, name: str, *arguments: Any) -> asyncio.Future[Any]:
        params = {"command": name, "arguments": list(arguments)}
        return self.ask("workspace/executeCommand", params)

    async def status(self) -> Any:
        return await self.ask("polylsp/status")

    async def status_that(self, wanted: Callable[[Any], bool], since: int = 0) -> Any:
        """The first status told unasked that is `wanted`."""

        def is_it(message: Message) -> bool:
            return message.get("method") == "polylsp/status" and wanted(message["params"])

        return (await self.heard_that(is_it, since))["params"]

    async def heard_that(self, wanted: Callable[[Message], bool], since: int = 0) -> Message:
        """The first message of `heard` that is `wanted`, once it has come."""

        def found() -> Message | None:
            return next((one for one in self.heard[since:] if wanted(one)), None)

        while (one := found()) is None:
            await self._news.wait()
        return one

    def said(self, method: str) -> list[Any]:
        """The parameters of every such message heard so far."""
        return [one["params"] for one in self.heard if one.get("method") == method]

    def ask(self, method: str, params: Any = None) -> asyncio.Future[Any]:
        """A request; the future has the result or raises ResponseError. Its id is `future.id`."""
        self._next_id += 1
        future = asyncio.get_running_loop().create_future()
        future.id = self._next_id  # type: ignore[attr-defined]
        self._pending[self._next_id] = future
        self.say({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params})
        return future

    def cancel(self, asked: asyncio.Future[Any]) -> None:
        self.tell("$/cancelRequest", {"id": asked.id})  # type: ignore[attr-defined]

    def tell(self, method: str, params: Any = None) -> None:
        self.say({"jsonrpc": "2.0", "method": method, "params": params})

    def say(self, message: Any) -> None:
        self.say_bytes(json.dumps(message).encode())

    def say_bytes(self, body: bytes) -> None:
        self.server.protocol.receive(body)

    def write(self, data: bytes) -> None:
        """The server's word for the client: it takes this object for its stream."""
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        if "method" not in message and message.get("id") in self._pending:
            future = self._pending.pop(message["id"])
            if future.done():
                self.heard.append(message)
            elif "error" in message:
                future.set_exception(ResponseError(message["error"]))
            else:
                future.set_result(message.get("result"))
            return
        self.heard.append(message)
        self._news.set()
        self._news = asyncio.Event()
        if "method" in message and "id" in message:
            asyncio.get_running_loop().call_soon(self._serve, message)

    def close(self) -> None:
        """Streams have this."""

    def _serve(self, message: Message) -> None:
        answer = self._serves(message["method"], message.get("params"))
        if answer is not NOTHING:
            self.say({"jsonrpc": "2.0", "id": message["id"], "result": answer})


NOTHING = object()  # For `serves`: do not answer at all.


def scripted(
    folder: Path, reply: str = SAID + "\n", **how: Any
) -> tuple[ScriptedWeights, Callable[[Config], Completer]]:
    """Weights that say `reply`, and what loads a completer around them."""
    weights = ScriptedWeights(replying(reply), **how)
    return weights, lambda config: Completer(scripted_model(folder, weights), config)
