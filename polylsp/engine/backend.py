"""What a runtime must offer: a tape of tokens that can be read on and wound back.

Sampling, stopping, cancelling and prefix reuse are written once, above this (`generate`, `session`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from polylsp.errors import BackendError

Logits = np.ndarray[Any, np.dtype[np.float32]]

# Tokens read in one call. Reading in pieces costs nothing (docs/results.md) and lets a cancel in between.
CHUNK = 256


def log_softmax(logits: Logits) -> Logits:
    """Natural-log probabilities along the last axis."""
    shifted = logits - logits.max(-1, keepdims=True)
    result: Logits = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return result


class Softmax(NamedTuple):
    """What a model says of the next token, reckoned once for all who need it."""

    logits: Logits  # (n_vocab,).
    likeliest: int
    powers: Logits  # Exponentials of the logits, relative to the likeliest's.
    sure: float  # The probability of the likeliest.
    total: float  # The logarithm of the sum of the logits' exponentials.

    def logprob(self, token: int) -> float:
        """The natural-log probability of `token`."""
        return float(self.logits[token]) - self.total

    def chance(self, token: int) -> float:
        """The probability of `token`."""
        return math.exp(self.logprob(token))


def softmax(logits: Logits) -> Softmax:
    """Of one token's `logits`."""
    likeliest = int(logits.argmax())
    top = float(logits[likeliest])
    powers = logits - top
    np.exp(powers, out=powers)
    sum_ = float(powers.sum())
    return Softmax(logits, likeliest, powers, 1 / sum_, top + math.log(sum_))


class Backend(Protocol):
    """One tape: the attention state of the tokens read so far."""

    n_ctx: int  # The most tokens it can hold.
    n_past: int  # How many it holds.
    # Whether logits are the same bits for a token read alone and for one read in company; else tokens of a
    # prompt are never read alone (`session`). A tape that is may be told not to be, and is quicker then.
    steady: bool = False

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        """Read `token_ids` on; the logits after each of the last `last` of them, [last, vocab].

        The array may be overwritten by the next call. Raises BackendError where the tape is full or the
        runtime fails; what the tape holds is then unknown, and `truncate(0)` makes it usable again.
        """
        ...

    def truncate(self, n_past: int) -> None:
        """Forget all but the first `n_past` tokens."""
        ...

    def after(self, token_ids: Sequence[int]) -> int:
        """How many tokens the tape will hold after them. Raises BackendError where they cannot be read."""
        count = self.n_past + len(token_ids)
        if not token_ids:
            raise BackendError("there is nothing to read")
        if count > self.n_ctx:
            raise BackendError(f"{count} tokens do not fit a context of {self.n_ctx}")
        return count

    def score(self, token_ids: Sequence[int]) -> Logits:
        """Natural-log probability of each of `token_ids` but the first, given all before it, [tokens - 1].

        What the tape holds stands before them, and is left as it was. Any runtime can be scored this
        way; one that knows a cheaper way overrides it.
        """
        scores = [np.zeros(0, np.float32)]
        n_past = self.n_past
        read = token_ids[:-1]  # Nothing is asked of what follows the last one.
        try:
            for start in range(0, len(read), CHUNK):
                chunk = read[start : start + CHUNK]
                following = np.array(token_ids[start + 1 : start + 1 + len(chunk)], np.int64)
                logprobs = log_softmax(self.extend(chunk, last=len(chunk)))
                scores.append(logprobs[np.arange(len(chunk)), following])
        finally:
            self.truncate(n_past)
        return np.concatenate(scores)


class Weights(Protocol):
    """A loaded model, from which any number of tapes can be made."""

    n_ctx: int
    n_vocab: int
    tape_bytes: int  # What one tape may take when it is full.

    def tape(self) -> Backend:
        """An empty tape. Raises BackendError where memory lacks."""
        ...

    @property
    def loaded(self) -> bool:
        """Whether they are in memory."""
        return True

    def unload(self) -> None:
        """Give their memory back, if they can be had again; no tape of theirs may be in use."""
        return

    def reload(self) -> None:
        """Have them in memory, whether they were unloaded or not. Raises ModelError."""
        return


_CUTS = ((1,) * 8, (2, 6), (3, 5), (4, 4))  # Of eight tokens, into passes.


def is_steady(tape: Backend, n_vocab: int) -> bool:
    """Whether passes of any size round alike: with some formats, on some processors, they do not.

    Which kernels a runtime takes, it does not say; so it is tried, and the tape emptied.
    """
    count = min(sum(_CUTS[0]), tape.n_ctx)
    ids = [index * 7919 % n_vocab for index in range(1, count + 1)]
    together = _read(tape, ids, (count,))
    found = all(np.array_equal(_read(tape, ids, cut), together) for cut in _CUTS)
    tape.truncate(0)
    return found


def _read(tape: Backend, ids: Sequence[int], cut: Sequence[int]) -> Logits:
    tape.truncate(0)
    found = []
    for size in cut:
        piece = ids[tape.n_past : tape.n_past + size]
        if piece:
            found.append(tape.extend(piece, last=len(piece)).copy())
    return np.concatenate(found)
