"""polylsp behind two editors' manners: when they ask, what they cancel, what stays on their screens.

Both keep a suggestion whose start is typed, shortened, until a newer answer comes. Every key is measured from
being pressed to its own answer being received.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil

from polylsp.bench.replay.contestant import Press, Shown
from polylsp.bench.replay.workspaces import settle
from polylsp.client.editor import Editor

_STEP = 0.05  # Seconds between two looks at whether the server still computes …
_QUIET = 6  # … and how many of them, one after the other, say that it does not.


class _Client:
    """One server process; the timer and the answers come on threads of their own."""

    name = ""
    delay = 0.0
    cancels = False  # Its earlier request, once a newer key comes.
    asks_when_moved = False  # Without anything typed.

    def __init__(
        self,
        settings: dict[str, Any],
        speed: float = 1.0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start a server. Raises PolyError where it gets no model."""
        self.presses: list[Press] = []
        self.delay = type(self).delay / speed
        self._editor = Editor(settings, environment=environment)
        try:
            self.model: str = self._editor.wait_until_ready()["model"]
        except Exception:
            self._editor.quit()
            raise
        self._lock = threading.RLock()  # Over all that follows.
        self._uri = ""
        self._version = 0  # Counts keys: an answer to an earlier one is an old answer.
        self._shown: Shown | None = None
        self._timer: threading.Timer | None = None
        self._pending: Future[Any] | None = None

    def work_in(self, folder: Path) -> None:
        """Have `folder` as the workspace, remembered as a whole."""
        settle(self._editor, folder)

    def open(self, uri: str, language_id: str, text: str, offset: int) -> None:
        """Show a document, and say where its cursor is. Nothing is asked before the first key."""
        with self._lock:
            self._uri, self._shown = uri, None
            self._editor.open(uri, language_id, text)
            self._editor.focus(uri, offset)

    def press(self, start: int, end: int, text: str, offset: int) -> None:
        with self._lock:
            press = Press(time.perf_counter(), offset)
            self.presses.append(press)
            self._version += 1
            if self._timer is not None:
                self._timer.cancel()
            moved = not text and start == end
            if not moved:
                self._editor.replace(self._uri, start, end, text)
            press.typed_through = self._follow(start, end, text, offset)
            if self.cancels and self._pending is not None and not self._pending.done():
                self._editor.connection.cancel(self._pending)
            if moved and not self.asks_when_moved:
                return
            self._timer = threading.Timer(self.delay, self._ask, (press, self._version))
            self._timer.daemon = True
            self._timer.start()

    def screen(self) -> Shown | None:
        return self._shown

    def settle(self, seconds: float) -> None:
        """Wait until the last key has its answer, and the processor rests."""
        until = time.perf_counter() + seconds
        if (timer := self._timer) is not None:
            timer.join(seconds)
        quiet, before = 0, self.cpu_seconds()
        while quiet < _QUIET and time.perf_counter() < until:
            time.sleep(_STEP)
            now, pending = self.cpu_seconds(), self._pending
            quiet = quiet + 1 if now <= before or math.isnan(now) else 0
            before = now
            if pending is not None and not pending.done():
                quiet = 0

    def close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._version += 1
            self._shown = None
            self._editor.close(self._uri)

    def cpu_seconds(self) -> float:
        return process_seconds(self._editor.connection.process.pid)

    def figures(self) -> dict[str, Any]:
        return self._editor.status()

    def quit(self) -> None:
        self._editor.quit()

    def _follow(self, start: int, end: int, text: str, offset: int) -> bool:
        """Keep what is shown where `text` is its start; whether that is so."""
        shown, self._shown = self._shown, None
        if shown is None or not text or (start, end) != (shown.offset, shown.offset):
            return False
        if not shown.text.startswith(text) or shown.text == text:
            return False
        self._shown = Shown(offset, shown.text[len(text) :])
        return True

    def _ask(self, press: Press, version: int) -> None:
        with self._lock:
            if version != self._version:
                return
            press.asked = time.perf_counter()
            self._pending = asked = self._editor.ask(self._uri, press.offset)
        asked.add_done_callback(lambda answer: self._answered(press, version, answer))

    def _answered(self, press: Press, version: int, answer: Future[Any]) -> None:
        received = time.perf_counter()
        if answer.exception() is not None:  # Cancelled, or superseded.
            return
        items = (answer.result() or {}).get("items") or [{"insertText": ""}]
        press.answered, press.text = received, items[0]["insertText"]
        with self._lock:
            if version == self._version:
                self._shown = Shown(press.offset, press.text) if press.text else None


class VsCode(_Client):
    """Asks 60 ms after a key, and cancels what the next key makes pointless."""

    name = "vscode"
    delay = 0.06
    cancels = True


class Neovim(_Client):
    """Asks 200 ms after the last key or move, and cancels nothing; answers to an older text are dropped."""

    name = "neovim"
    delay = 0.2
    asks_when_moved = True


CLIENTS: dict[str, type[_Client]] = {client.name: client for client in (VsCode, Neovim)}


def process_seconds(pid: int) -> float:
    """Processor time that a process has taken; NaN where the system does not tell."""
    try:
        times = psutil.Process(pid).cpu_times()
    except (OSError, psutil.Error):
        return math.nan
    return times.user + times.system
