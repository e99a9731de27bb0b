"""What the rivals' clients share: a document, its keys, one server, and the figures of both."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from polylsp.bench.replay.contestant import Press, Shown
from polylsp.bench.replay.infill import Answer, Request
from polylsp.bench.replay.llama_worker import Server
from polylsp.bench.replay.loop import Loop

_COUNTED = (
    *("requests", "speculative", "cache_hits"),
    *("prompt_tokens", "reused_tokens", "generated_tokens"),
)


class Client(ABC):
    """A contestant whose work is done on a loop of its own; what it does there is a subclass' matter."""

    name = ""
    delay = 0.0

    def __init__(
        self, gguf: Path, threads: int, context: int, *, show_suffix: bool | None = None
    ) -> None:
        """`show_suffix`: None for what the model's layout says. Raises ModelError where it cannot be loaded."""
        self.presses: list[Press] = []
        self.server = Server(gguf, threads, context, show_suffix)
        self.loop = Loop(self.name)
        self.text, self.offset = "", 0
        self.shown = ""  # At the cursor; "" for nothing.
        self.current: Press | None = None  # The last key in this document.
        self.asking = False  # Whether an answer is on its way.
        self.counts = Counter(dict.fromkeys(_COUNTED, 0))
        self._path = ""

    @abstractmethod
    def moved(self) -> None:
        """What the client does at the `current` key."""

    def open(self, uri: str, language_id: str, text: str, offset: int) -> None:  # noqa: ARG002
        def show() -> None:
            self._path = PurePosixPath(unquote(urlsplit(uri).path)).name
            self.text, self.offset, self.shown, self.current = text, offset, "", None

        self.loop.call(show)

    def press(self, start: int, end: int, text: str, offset: int) -> None:
        press = Press(time.perf_counter(), offset)
        self.presses.append(press)

        def type_() -> None:
            self.text = self.text[:start] + text + self.text[end:]
            self.offset, self.shown, self.current = offset, "", press
            self.moved()

        self.loop.call(type_)

    def screen(self) -> Shown | None:
        return self.loop.ask(lambda: Shown(self.offset, self.shown) if self.shown else None)

    def settle(self, seconds: float) -> None:
        """Raises PolyError where it takes longer."""
        self.loop.settle(seconds)

    def close(self) -> None:
        def hide() -> None:
            self.loop.not_later()
            self.text, self.offset, self.shown, self.current = "", 0, "", None

        self.loop.call(hide)

    def cpu_seconds(self) -> float:
        """The server's; what the client takes is next to nothing."""
        return self.server.cpu_seconds()

    def figures(self) -> dict[str, Any]:
        """Counts of requests, of keys that had a hint from before, and of tokens."""
        return self.loop.ask(lambda: dict(self.counts))

    def quit(self) -> None:
        self.loop.end()
        self.server.quit()

    def asks(self) -> None:
        """Note that the current key is asked for."""
        if self.current and self.current.asked is None:
            self.current.asked = time.perf_counter()

    def answered(self, text: str, *, before: bool = False) -> None:
        """Note what the current key's answer is, and whether it was there `before`; the first one counts."""
        if self.current and self.current.answered is None:
            self.asks()
            self.current.answered, self.current.text = time.perf_counter(), text
            self.current.typed_through = before

    def request(self, prefix: str, suffix: str, **how: Any) -> Request:
        return Request(self._path, prefix, suffix, **how)

    def send(self, request: Request, then: Callable[[str], None]) -> None:
        """Ask the server. One request at a time: `asking` until `then` is through."""
        self.asking = True
        self.counts["requests"] += 1

        def got(answer: Answer) -> None:
            self.counts["prompt_tokens"] += answer.prompt
            self.counts["reused_tokens"] += answer.reused
            self.counts["generated_tokens"] += answer.generated
            then(answer.text)

        self.loop.beside(lambda: self.server.answer(request), got)
