"""llama.vim's rules, with llama.cpp behind them: asked at every key, cached, and speculating on every hint.

What it keeps and shows is told in `hints`; the server's part is `infill`. Extra context from other buffers is
left out: one file is open alone, and there is none.
"""

from __future__ import annotations

from pathlib import Path

from polylsp.bench.replay.client import Client
from polylsp.bench.replay.hints import PREFIX_LINES, Around, Hints, visible

_N_PREDICT = 128
_TOKENS_A_LINE = 16  # At the most, nearly always.
_FIRST_MS, _SPECULATIVE_MS = 250, 1000
_RETRY = 0.1  # Seconds.
_MOST_LINE_SUFFIX = 8  # Characters; with more behind the cursor in its line, nothing is asked for.


class LlamaVim(Client):
    """A Neovim with that plugin as it comes. There is no delay: every key asks at once.

    Kinder than it is: no process is started for a request, the likeliest token is taken and not one by chance,
    a speculation that had to wait is dropped with its hint, and it leaves the rest of the line behind the cursor.
    """

    name = "llama.vim's rules"

    def __init__(
        self, gguf: Path, threads: int, context: int, *, show_suffix: bool | None = None
    ) -> None:
        super().__init__(gguf, threads, context, show_suffix=show_suffix)
        self._hints = Hints()
        # Its settings are to be lowered until they fit the context: a window that is cut where the context is
        # full moves with every token, and nearly nothing of it can be kept.
        self._lines = min(PREFIX_LINES, context // _TOKENS_A_LINE)
        self._indent = 0  # Of the line that was asked for last.

    def moved(self) -> None:
        self._look(before=True)
        if self.shown:
            self.counts["cache_hits"] += 1
        self._ask()

    def _look(self, *, before: bool = False) -> None:
        """Show what is kept for this place; once something is shown, ask for what would follow it."""
        around = self._around(self.text, self.offset)
        exact = self._hints.get(around)
        answer = self._hints.rest(around) if exact is None else exact
        self.shown = visible(answer or "", self.text, self.offset)
        if self.shown or exact is not None:
            self.answered(self.shown, before=before)
        if self.shown:
            self._speculate(self.text, self.offset, self.shown)

    def _ask(self) -> None:
        """Ask for this very place, whether a hint is shown or not; only a kept answer makes that needless."""
        if self.asking:
            self.loop.later(_RETRY, self._ask)
            return
        around = self._around(self.text, self.offset)
        if len(around.line_suffix) > _MOST_LINE_SUFFIX or self._hints.holds(around):
            return
        self._indent = around.indent
        self.asks()
        self._send(around, _FIRST_MS)

    def _speculate(self, text: str, offset: int, shown: str) -> None:
        """Ask as if the hint had been accepted, if it is the one that is on the screen still."""
        if (self.text, self.offset, self.shown) != (text, offset, shown):
            return
        if self.asking:
            self.loop.later(_RETRY, lambda: self._speculate(text, offset, shown))
            return
        around = self._around(text[:offset] + shown + text[offset:], offset + len(shown))
        if not self._hints.holds(around):
            self.counts["speculative"] += 1
            self._send(around, _SPECULATIVE_MS)

    def _around(self, text: str, offset: int) -> Around:
        return Around.of(text, offset, self._lines)

    def _send(self, around: Around, cap_ms: int) -> None:
        how = {"n_predict": _N_PREDICT, "cap_ms": cap_ms, "indent": self._indent}
        request = self.request(around.prefix, around.suffix, **how)
        self.send(request, lambda answer: self._keep(around, answer))

    def _keep(self, around: Around, answer: str) -> None:
        """Nothing is ever cancelled: whatever it was asked for, an answer may be of use."""
        self._hints.store(around, answer)
        if not self.shown and self.current:
            self._look()
        # Only now: what `_look` asks for waits, as the plugin's job ends after its answer came.
        self.asking = False
