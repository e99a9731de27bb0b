"""A long session: thousands of edits and requests, and the server no bigger than when it had warmed up.

`LONG_RUNS=1` makes it an hour of typing, five keys a second, done as fast as the server can.
"""

from __future__ import annotations

import os
import random
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import AUTOMATIC, INVOKED, Editor
from polylsp.client.rpc import ResponseError
from tests.e2e.conftest import Start

# How often its size is looked at, and how many rounds are in between.
LOOKS, ROUNDS = (6, 3000) if os.environ.get("LONG_RUNS") else (2, 1000)
# Small enough that all that is remembered is full when it is looked at for the first time.
SETTINGS: dict[str, Any] = {
    "engine": {"memory": 32, "budget": 20, "explicitBudget": 20},
    "suggest": {"cache": 50, "lineTokens": 6, "blockTokens": 12, "candidates": 1},
    "prompt": {"budget": 256},
}
SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.py"))
PIECES = [
    "x",
    " = ",
    "(",
    ")",
    "\n",
    "    ",
    "value",
    ".",
    "if a:\n    ",
    "😀",
    "# ü\n",
    "def f(a):\n",
]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_is_flat_over_a_long_session(start: Start) -> None:
    editor = start(SETTINGS)
    editor.wait_until_ready()
    session = Session(editor, random.Random(7))
    sizes = []
    for _ in range(LOOKS):
        for _ in range(ROUNDS):
            session.round()
        session.settle()
        sizes.append(resident(editor))
    print(f"MB after every {ROUNDS} rounds: {[round(size / 2**20, 1) for size in sizes]}", end="; ")
    print(f"{session.opened} documents were opened")
    assert max(sizes) <= sizes[0] * 1.05
    assert editor.quit() == 0


def resident(editor: Editor) -> int:
    """Bytes of the server's memory that are in use."""
    status = Path(f"/proc/{editor.connection.process.pid}/status").read_text(encoding="ascii")
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(kilobytes) * 1024


class Session:
    """Somebody at work in a few documents at a time, never waiting for an answer."""

    def __init__(self, editor: Editor, chance: random.Random) -> None:
        self._editor = editor
        self._chance = chance
        self._asked: list[Future[Any]] = []
        self.opened = 0

    def round(self) -> None:
        """An edit and a request; now and then another document, a cancel, or a pause for the answers."""
        editor, chance = self._editor, self._chance
        if len(editor.documents) < 4 or chance.random() < 0.05:
            self.opened += 1
            source = SAMPLES[self.opened % len(SAMPLES)].read_text(encoding="utf-8")
            editor.open(f"file:///code/{self.opened}.py", "python", source)
        if len(editor.documents) > 6:
            editor.close(chance.choice(sorted(editor.documents)))
        uri = chance.choice(sorted(editor.documents))
        text = editor.documents[uri]
        start = chance.randint(0, len(text))
        if chance.random() < 0.7:
            start = text.find("\n", start) if "\n" in text[start:] else len(text)
        end = min(len(text), start + chance.randint(0, 8)) if chance.random() < 0.4 else start
        new = "".join(self._text(chance.randint(0, 3)))
        editor.replace(uri, start, end, new)
        trigger = INVOKED if chance.random() < 0.4 else AUTOMATIC
        self._asked.append(editor.ask(uri, start + len(new), trigger))
        if chance.random() < 0.05:
            editor.connection.cancel(self._asked[-1])
        if len(self._asked) > 20:
            self.settle()

    def settle(self) -> None:
        """Wait for every answer."""
        for one in self._asked:
            error = one.exception(60)
            assert error is None or isinstance(error, ResponseError)
            assert error is None or error.code in (-32800, -32801)
        self._asked.clear()

    def _text(self, count: int) -> list[str]:
        return self._chance.choices(PIECES, k=count)
