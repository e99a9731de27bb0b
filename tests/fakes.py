"""A model that says what a test tells it to: no runtime, a known answer, and every pass counted.

`ScriptedWeights` stand in for the engine's weights, `scripted_model` puts a whole model around them. The
small real models are in `tests/tinies.py`; what is most used of them can be had from here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from polylsp.engine.backend import Backend, Logits, Weights
from polylsp.models.registry import Model
from polylsp.prompt.layout import Layout
from tests.tinies import (
    END,
    FIRST_BYTE,
    NEOX,
    Tiny,
    bytes_of,
    checkpoint,
    exported,
    tokenizer,
    vocab_size,
)

__all__ = [
    "END",
    "FIRST_BYTE",
    "NEOX",
    "ScriptedTape",
    "ScriptedWeights",
    "Tiny",
    "checkpoint",
    "exported",
    "replying",
    "scripted_model",
    "tokenizer",
    "vocab_size",
]


class ScriptedWeights(Weights):
    """Weights that know nothing: `says(token ids on the tape)` is the id that follows.

    Every pass of any tape is counted. `on_pass` is called with its number (1 is the first) before it does
    anything: set it to turn a cancel flag, to wait for an event, or to raise BackendError.
    """

    def __init__(
        self,
        says: Callable[[Sequence[int]], int],
        *,
        n_ctx: int = 1024,
        n_vocab: int = 0,
        sure: float = 0.999,
    ) -> None:
        """`sure`: the probability of what it says; the other ids share what is left evenly."""
        self.says = says
        self.n_ctx = n_ctx
        self.n_vocab = n_vocab or vocab_size()
        self.tape_bytes = 1 << 20
        self.sure = sure
        self.passes = 0  # Calls of `extend`.
        self.read = 0  # Tokens that they were given.
        self.sizes: list[int] = []  # Tokens of each pass.
        self.tapes: list[ScriptedTape] = []
        self.on_pass: Callable[[int], object] = lambda number: None

    def tape(self) -> ScriptedTape:
        self.tapes.append(ScriptedTape(self))
        return self.tapes[-1]

    def logits(self, token_ids: Sequence[int]) -> Logits:
        rest = math.log((1 - self.sure) / (self.n_vocab - 1))
        logits = np.full(self.n_vocab, rest, np.float32)
        logits[self.says(token_ids)] = math.log(self.sure)
        return logits


class ScriptedTape(Backend):
    """A tape of `ScriptedWeights`; `token_ids` is what it holds."""

    def __init__(self, weights: ScriptedWeights) -> None:
        self.weights = weights
        self.n_ctx = weights.n_ctx
        self.n_past = 0
        self.token_ids: list[int] = []

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        self.weights.passes += 1
        self.weights.on_pass(self.weights.passes)
        self.after(token_ids)
        self.weights.read += len(token_ids)
        self.weights.sizes.append(len(token_ids))
        self.token_ids += token_ids
        self.n_past = len(self.token_ids)
        ends = range(self.n_past - last + 1, self.n_past + 1)
        return np.stack([self.weights.logits(self.token_ids[:end]) for end in ends])

    def truncate(self, n_past: int) -> None:
        del self.token_ids[n_past:]
        self.n_past = len(self.token_ids)


def replying(reply: str) -> Callable[[Sequence[int]], int]:
    """For `ScriptedWeights`: say `reply`, byte by byte, then end of text.

    How much has been said is read off the tape: the longest start of `reply` that it ends with.
    """
    said = reply.encode()

    def says(token_ids: Sequence[int]) -> int:
        text = bytes_of(token_ids[-len(said) :])
        for done in range(len(said), -1, -1):
            if text.endswith(said[:done]):
                break
        return FIRST_BYTE + said[done] if done < len(said) else 0

    return says


def scripted_model(folder: Path, weights: ScriptedWeights) -> Model:
    """A whole model around them, for `Completer` and what stands above it. `folder` gets a tokenizer."""
    made = tokenizer(folder)
    layout = Layout.detect(made.special, END, use_suffix=False)
    return Model("scripted", folder, made, layout, weights)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        """Call `function` once so many seconds have passed."""
        self._waiting.append((self.now + seconds, function))

    def go(self, seconds: float) -> None:
        self.now += seconds
        due = [one for one in self._waiting if one[0] <= self.now]
        self._waiting = [one for one in self._waiting if one[0] > self.now]
        for _, function in sorted(due, key=lambda one: one[0]):
            function()
