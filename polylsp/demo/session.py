"""One document before one server, without waiting: questions go out at once, answers come as they may.

The server has the document's every version as it is on the screen. What it answers to a version that is
no more is dropped, and so is what it says instead where a newer question came first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError  # Before 3.11 it is not the built-in one.
from dataclasses import dataclass
from typing import Any

from polylsp.client.editor import AUTOMATIC, INVOKED, Editor
from polylsp.client.rpc import ResponseError
from polylsp.demo.ghost import Ghost
from polylsp.errors import PolyError

_INLINE: Mapping[str, Any] = {
    "textDocument": {"inlineCompletion": {}},
    "experimental": {},
}  # Its status is asked for.


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, and how long that took from question to answer."""

    ghost: Ghost | None
    milliseconds: float
    commands: Mapping[str, Mapping[str, Any]]  # What tells that a text was accepted.


class Session:
    """All of it but `close` belongs to one event loop."""

    def __init__(self, uri: str, text: str, connect: Callable[[], Editor]) -> None:
        """Begin to `connect` to a server, on a thread; until `start` is done, nothing is answered."""
        self.text = text
        self.version = 0
        self._uri = uri
        self._editor: Editor | None = None
        self._questions = 0
        pool = ThreadPoolExecutor(1)
        self._starting: Future[Editor] = pool.submit(connect)
        pool.shutdown(wait=False)

    async def start(self) -> None:
        """Wait for the server, and open the document as it is by then. Raises PolyError where it does not come."""
        try:
            editor = await asyncio.wrap_future(self._starting)
        except LateError:
            raise PolyError("the server does not answer") from None
        editor.open(self._uri, "", self.text)
        self._editor = editor

    def change(self, text: str, cursor: int) -> None:
        """Have another text, the cursor at an offset in it."""
        start, end, put = edit(self.text, text, cursor)
        if (start, end, put) == (cursor, cursor, ""):
            return
        self.text = text
        self.version += 1
        if self._editor is not None:
            self._editor.replace(self._uri, start, end, put)

    async def suggest(self, offset: int, *, by_hand: bool = False) -> Answer | None:
        """What is suggested at an offset; None where that is no use any more.

        Raises ResponseError once the server has gone.
        """
        if self._editor is None:
            return None
        self._questions += 1
        question, version, began = self._questions, self.version, time.perf_counter()
        asked = self._editor.ask(self._uri, offset, INVOKED if by_hand else AUTOMATIC)
        answered: Future[float] = Future()
        asked.add_done_callback(lambda _: answered.set_result(time.perf_counter()))
        try:
            said = await asyncio.wrap_future(asked)
        except ResponseError as error:
            if error.code is None:
                raise
            return None
        if version != self.version or question != self._questions:
            return None
        items = said["items"]
        texts = tuple(item["insertText"] for item in items)
        ghost = Ghost(offset, texts) if texts else None
        milliseconds = (answered.result() - began) * 1000
        return Answer(ghost, milliseconds, {one["insertText"]: one["command"] for one in items})

    def accepted(self, answer: Answer, rest: str) -> None:
        """Tell that a suggestion was taken, or what was left of it to be typed."""
        command = next((one for text, one in answer.commands.items() if text.endswith(rest)), None)
        if self._editor is not None and command is not None:
            params = {"command": command["command"], "arguments": command["arguments"]}
            self._editor.connection.request("workspace/executeCommand", params)

    async def status(self) -> dict[str, Any]:
        """What `polylsp/status` answers; that the model is loading as long as there is no server."""
        if self._editor is None:
            return {"state": "loading"}
        asked = self._editor.connection.request("polylsp/status")
        status: dict[str, Any] = await asyncio.wrap_future(asked)
        return status

    async def prompt(self, offset: int) -> dict[str, Any] | None:
        """What the model is given at an offset; None where the text has changed since."""
        if self._editor is None:
            return None
        version = self.version
        said: dict[str, Any] = await asyncio.wrap_future(self._editor.ask_prompt(self._uri, offset))
        return said if version == self.version else None

    def close(self) -> None:
        """End the server, also one that is still starting."""
        if self._starting.exception() is None:
            self._starting.result().quit()


def edit(old: str, new: str, cursor: int) -> tuple[int, int, str]:
    """The change from `old` to `new` that ends at `cursor` in `new`, if there is one.

    Characters from start to end of `old` became the text. What is behind the cursor counts first: where a
    letter is doubled it is told where it was typed.
    """
    behind = _common(old[::-1], new[cursor:][::-1])
    ahead = _common(old[: len(old) - behind], new[: len(new) - behind])
    return ahead, len(old) - behind, new[ahead : len(new) - behind]


def _common(one: str, other: str) -> int:
    """How many characters both start with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
