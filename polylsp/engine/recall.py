"""The memory at work in one generation: at every token it is looked up, mixed in, and asked for a draft.

A pure function of the history, the model's logits, the sources and the weights: whether a token was drafted or
read alone, and looked up when, makes no difference to what is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from polylsp.engine.backend import Softmax
from polylsp.engine.beside import Pending, beside
from polylsp.engine.lookup import MOST, worth
from polylsp.engine.memory import LONGEST, Match, Memory, Place, counted
from polylsp.engine.mix import Experts, Gate, Mixed, experts, mixed

_PREPARED = 3  # Tokens whose draft is read ahead: in 93 of 100 cases one of them is chosen.
_EXAMINED = 4  # Places whose next token is looked at, to see how far they agree; more tell no more.


class _Known(NamedTuple):
    """What memory knows of a history."""

    experts: Experts
    drafts: Mapping[int, list[int]]  # Behind the likeliest tokens, where that is wanted.


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
        # What memory knows of histories, or will: the last one that was asked for, and those that may be next.
        self._known: dict[tuple[int, ...], Pending[_Known | None]] = {}
        self._mixed: Mixed | None = None
        self._drafts: Mapping[int, list[int]] = {}

    def expect(
        self, answer: Sequence[int], draft: Sequence[int] = (), *, guessing: bool = False
    ) -> None:
        """Look up what follows `answer`, and each token of a `draft` behind it, while the model computes.

        Where another draft is wanted after that (`guessing`), what it may be is read then, too.
        """
        said = [*self.history, *answer, *draft]
        ends = range(len(said) - len(draft), len(said) + 1)
        histories = [tuple(said[max(0, end - LONGEST) : end]) for end in ends]
        known = self._known
        self._known = {one: known.get(one) or self._later(one, guessing) for one in histories}

    def mix(self, answer: Sequence[int], said: Softmax) -> Softmax | Mixed:
        """What the model `said` with what followed the same before; as it was where nothing did."""
        found = self._look_up(answer)
        here = self._mixed = mixed(said, found.experts) if found else None
        self._drafts = found.drafts if found else {}
        if not answer:
            self.first = here
        return said if here is None else here

    def choose(self, token: int) -> None:
        """Note who spoke for `token`, which is the answer's next."""
        here = self._mixed
        own, given = here.parts(token) if here is not None else (1.0, 0.0)
        self.shares.append(given / (own + given) if given > 0 else 0.0)
        if here is None or given <= own or LONGEST * given <= self._most:
            return  # To look for the giver is most of the work, and the better ones come early.
        giver = here.giver(token)
        if giver is not None and giver.length * given > self._most:
            self._most, self.origin = giver.length * given, giver.place

    def draft(self, answer: Sequence[int], most: int) -> list[int]:
        """The tokens that may come next, up to `most`; none where nothing speaks for any.

        The answer's last token is the one that was chosen from what `mix` said last; they are what stands behind
        it where memory knew it. What else follows it is looked up while the model reads: here, the pass would have
        to wait for it.
        """
        here, token = self._mixed, answer[-1]
        if here is None or token not in here.experts.columns:
            return []
        drafted = self._drafts.get(token)
        return (_draft(here.matches, token) if drafted is None else drafted)[:most]

    def _look_up(self, answer: Sequence[int]) -> _Known | None:
        history = (*self.history, *answer)[-LONGEST:]
        pending = self._known.get(history)
        if pending is not None:
            return pending.result()
        found = self._look(history, guessing=False)
        self._known = {history: Pending.of(found)}
        return found

    def _later(self, history: tuple[int, ...], guessing: bool) -> Pending[_Known | None]:
        return beside(lambda: self._look(history, guessing))

    def _look(self, history: Sequence[int], guessing: bool) -> _Known | None:
        matches = self.memory.look(history)
        if not matches:
            return None
        found = experts(matches, self.gate)
        likely = found.likely(_PREPARED) if guessing else ()
        return _Known(found, {token: _draft(matches, token) for token in likely})


def _draft(matches: Sequence[Match], token: int) -> list[int]:
    """What stands behind `token`, which followed one of them, as far as that is worth a wider pass."""
    known = [(one.length, times, one) for one in matches if (times := one.times(token))]
    length, _, match = max(known, key=itemgetter(0, 1))
    drafts = [one.draft(1 + MOST)[1:] for one in match.places(token, _EXAMINED)]
    likely = counted([one[0] for one in drafts if one][::-1])
    if not likely:
        return []
    following, count = likely[0]
    draft = next(one for one in drafts if one and one[0] == following)
    return draft[: worth(length + 1, MOST, count / len(drafts))]
