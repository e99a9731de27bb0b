"""A server for the rivals' clients that knows what will be typed."""

from __future__ import annotations

from threading import Event

from polylsp.bench.replay.infill import Answer, Request
from polylsp.errors import ModelError


class Scripted:
    """It answers while it is `open`: the rest of the line, or the next line where nothing is left of it.

    To what does not lead to `target`, it has nothing to say; where there is none, it fails.
    """

    def __init__(self, *_: object) -> None:
        self.asked: list[Request] = []
        self.target: str | None = ""
        self.open = Event()
        self.open.set()
        self._told = 0.0

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        assert self.open.wait(20)
        if self.target is None:
            raise ModelError("nothing to say")
        said = request.prefix
        left = self.target[len(said) :] if self.target.startswith(said) else ""
        text = left[: left.find("\n", 1)] if "\n" in left[1:] else left
        return Answer(text.partition("\n")[0] if request.one_line else text, 10, 4, 2, 1.0)

    def cpu_seconds(self) -> float:
        return self._told

    def quit(self) -> None:
        self.open.set()
