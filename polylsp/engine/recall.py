"""The memory at work in one generation: at every token it is looked up, mixed in, and asked for a draft.

A pure function of the history, the model's logits, the sources and the weights: whether a token was drafted or
read alone makes no difference to what is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from polylsp.engine.backend import Logits
from polylsp.engine.memory import LONGEST, Match, Memory, Place
from polylsp.engine.mix import Gate, Mixed, mixed

# The chance that a draft's next token is right too, by the tokens in common before it; and the least chance that
# all of a draft is right for its last token to be worth a wider pass. Both were measured (docs/log.md).
_CHANCE = (0.0, 0.25, 0.5, 0.65, 0.8, 0.8, 0.82, 0.87, 0.9)
_WORTH = 0.35


class Recall:
    """What memory adds to what one prompt hears."""

    def __init__(self, memory: Memory, gate: Gate, history: Sequence[int]) -> None:
        """`history`: the tokens of the text that ends at the cursor, or the last of them."""
        self.shares: list[float] = []  # Of each token chosen so far, what memory gave it: 0 to 1.
        self.first: Mixed | None = None  # At the cursor, where anything matched.
        self.origin: Place | None = None  # Where what memory gave the most of stands.
        self._most = 0.0
        self.memory = memory
        self.gate = gate
        self.history = list(history[-LONGEST:])
        self._looked_up: tuple[list[int], list[Match]] = ([], [])
        self._mixed: Mixed | None = None

    def mix(self, answer: Sequence[int], logits: Logits) -> Logits:
        """`logits` with what followed the same before; the array itself where nothing did."""
        matches = self._matches(answer)
        self._mixed = mixed(logits, matches, self.gate) if matches else None
        if not answer:
            self.first = self._mixed
        return logits if self._mixed is None else self._mixed.logits

    def choose(self, token: int) -> None:
        """Note who spoke for `token`, which is the answer's next."""
        here = self._mixed
        own, given = here.parts(token) if here is not None else (1.0, 0.0)
        self.shares.append(given / (own + given) if given > 0 else 0.0)
        giver = here.giver(token) if here is not None and given > own else None
        if giver is not None and giver.length * given > self._most:
            self._most, self.origin = giver.length * given, giver.place

    def draft(self, answer: Sequence[int], most: int) -> list[int]:
        """The tokens that may come next, up to `most`; none where nothing speaks for any."""
        matches = self._matches(answer)
        best = max(matches, key=lambda one: (one.length, one.following[0][1]), default=None)
        return best.place.draft(_length(best, most)) if best else []

    def _matches(self, answer: Sequence[int]) -> list[Match]:
        history = [*self.history, *answer][-LONGEST:]
        if history != self._looked_up[0]:
            self._looked_up = (history, self.memory.look(history))
        return self._looked_up[1]


def _length(match: Match, most: int) -> int:
    """How many tokens to draft: each that is right puts one more in common with those behind it."""
    chance = match.following[0][1] / match.count
    for length in range(most):
        chance *= _CHANCE[min(match.length + length, len(_CHANCE) - 1)]
        if chance < _WORTH:
            return length
    return max(0, most)
