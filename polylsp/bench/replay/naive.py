"""A client that does nothing but ask, and show what comes: no cache, no speculation, nothing kept.

Every answer is read and generated from nothing. A client waits a moment, so that keys in a burst are not all
asked for: 75 ms, the shortest pause that is common among them. Its request runs to its end whatever is typed
meanwhile; then it asks for the newest key only, which is kinder than to let requests pile up at the server.
"""

from __future__ import annotations

from polylsp.bench.replay.client import Client
from polylsp.bench.replay.contestant import Press

_N_PREDICT = 64


class Naive(Client):
    """One line at a time, the likeliest one."""

    name = "naive"
    delay = 0.075
    _late = False  # Whether the newest key has waited long enough, but for the answer before.

    def moved(self) -> None:
        self._late = False
        self.loop.later(self.delay, self._ask)

    def _ask(self) -> None:
        self._late = self.asking
        if self.asking:
            return
        self.asks()
        press = self.current
        how = {"n_predict": _N_PREDICT, "one_line": True, "reuse": False, "sure": False}
        request = self.request(self.text[: self.offset], self.text[self.offset :], **how)
        self.send(request, lambda answer: self._show(press, answer))

    def _show(self, press: Press | None, answer: str) -> None:
        self.asking = False
        if press is self.current:
            self.shown = answer if answer.strip() else ""
            self.answered(self.shown)
        elif self._late:
            self._ask()
