"""Prefill, decode, stop, cancel.

Blind to text: what may follow, and when to stop, comes from outside as functions of token ids.
With `lookup` several tokens are guessed and read in one pass, but only those are kept that would have been
chosen anyway: on weights that are `steady` the answer is the same to the bit, on others rounding can tip a tie.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from polylsp.engine.backend import CHUNK, Logits, softmax
from polylsp.engine.lookup import MOST, REMEMBERED, Lookup
from polylsp.engine.recall import Recall
from polylsp.engine.sample import GREEDY, Ids, Sampling, pick
from polylsp.engine.session import Session
from polylsp.types import Completion, Finish


def never(*_: object) -> bool:
    return False


def anything(_: Sequence[int]) -> Ids | None:
    return None


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a generation may go."""

    tokens: int
    end_ids: frozenset[int] = frozenset()  # End of text; never part of the answer.
    floor: float = -math.inf  # Stop once the cumulative log-probability is under this.
    deadline: float = math.inf  # For all of it, in seconds on `clock`.
    decoding: float = math.inf  # Seconds that it may take once the prompt is read.
    pass_tokens: int = CHUNK  # The most tokens of a prompt that one pass of the model reads.
    clock: Callable[[], float] = time.monotonic


def generate(
    session: Session,
    prompt: Sequence[int],
    limits: Limits,
    *,
    stop: Callable[[Sequence[int]], bool] = never,
    allowed: Callable[[Sequence[int]], Ids | None] = anything,
    cancelled: Callable[[], bool] = never,
    sampling: Sampling = GREEDY,
    lookup: bool = False,
    hurried: bool = False,
    recall: Recall | None = None,
) -> Completion:
    """Continue `prompt`.

    `stop(answer)` ends it after a token, `allowed(answer)` gives the ids that may come next (None: any),
    `cancelled()` is asked before every pass of the model: after it turns true there is no other.
    `lookup` guesses what repeats the prompt or the session's last answer; sampled answers are not guessed.
    `hurried` reads single tokens the quickest way, which rounds otherwise than a pass over several: where most
    are read alone that is worth more.
    `recall` mixes in what followed the same before, and drafts it where `lookup` is wanted.
    An empty prompt has an empty answer. Raises BackendError; the session is then empty.
    """
    if not prompt:
        return Completion((), (), Finish.STOP)

    deadline = limits.deadline

    def late() -> bool:
        return limits.clock() >= deadline

    session.hurry(hurried)
    guessing = lookup and sampling.temperature <= 0
    if recall:
        recall.expect((), guessing=guessing)
    reused, heard = session.read(prompt, lambda: cancelled() or late(), limits.pass_tokens)
    prefilled = len(session.token_ids) - reused
    if heard is None:
        finish = Finish.CANCELLED if cancelled() else Finish.DEADLINE
        return Completion((), (), finish, reused, prefilled)
    deadline = min(deadline, limits.clock() + limits.decoding)
    guesses = Lookup(prompt, session.spoken) if guessing else None
    ahead = _Ahead(session, heard, guesses, recall)
    answer: list[int] = []
    logprobs: list[float] = []
    sum_ = 0.0  # Of them.
    random = np.random.default_rng(sampling.seed)

    def ended(finish: Finish) -> Completion:
        ahead.drop()
        if guesses is not None and answer:
            session.spoken = [*prompt[-REMEMBERED:], *answer]
        cost = (reused, prefilled, ahead.passes)
        whence = (tuple(recall.shares), recall.origin) if recall else ()
        return Completion(tuple(answer), tuple(logprobs), finish, *cost, *whence)

    # The last token of an answer need not be read, so it needs no room.
    room = min(limits.tokens, session.tape.n_ctx - len(prompt) + 1)
    while True:
        ids = allowed(answer)
        if ids is not None and not len(ids):
            return ended(Finish.STOP)
        model = softmax(ahead.logits[0])
        said = recall.mix(answer, model) if recall else model
        token, logprob = pick(said, sampling, random, ids)
        if token in limits.end_ids:
            return ended(Finish.STOP)
        if recall:
            recall.choose(token)
        answer.append(token)
        logprobs.append(logprob)
        sum_ += logprob
        if stop(answer) or loops(answer):
            return ended(Finish.STOP)
        if sum_ < limits.floor:
            return ended(Finish.UNSURE)
        if len(answer) >= room:
            return ended(Finish.LENGTH)
        if ahead.knows(token):
            continue
        if cancelled():
            return ended(Finish.CANCELLED)
        if late():
            return ended(Finish.DEADLINE)
        ahead.read(answer, room - len(answer) - 1)


class _Ahead:
    """What stands on the tape behind the answer: tokens that were guessed, and what follows each."""

    def __init__(
        self, session: Session, heard: Logits, guesses: Lookup | None, recall: Recall | None
    ) -> None:
        self.passes = 0
        self.logits = heard[np.newaxis]  # After the answer, and after each token of the draft.
        self._draft: list[int] = []
        self._session = session
        self._guesses = guesses
        self._recall = recall

    def knows(self, token: int) -> bool:
        """Go on by `token`, where it is the one that was guessed: what follows it is known already."""
        if self._guesses is not None:
            self._guesses.add(token)
        if not self._draft or self._draft[0] != token:
            return False
        self._draft, self.logits = self._draft[1:], self.logits[1:]
        return True

    def read(self, answer: Sequence[int], most: int) -> None:
        """Go on by the answer's last token with a pass of the model, and by `most` guessed ones at the most."""
        self.drop()
        if self._guesses is not None:
            self._draft = self._drafted(answer, min(MOST, most))
        if self._recall is not None:
            self._recall.expect(answer, self._draft, guessing=self._guesses is not None)
        self.logits = self._session.append([answer[-1], *self._draft], last=1 + len(self._draft))
        self.passes += 1

    def _drafted(self, answer: Sequence[int], most: int) -> list[int]:
        """What memory knows comes first: it is more, and what the prompt holds is a part of it."""
        assert self._guesses is not None
        drafted = self._recall.draft(answer, most) if self._recall else []
        return drafted or self._guesses.draft(most)

    def drop(self) -> None:
        """Take what was guessed, and not chosen, off the tape."""
        self._session.rewind(len(self._session.token_ids) - len(self._draft))
        self._draft = []


# (longest pattern, tokens it must fill): the constants of Copilot's repetition filter.
_LOOPS = ((1, 10), (10, 30), (20, 45), (30, 60))


def loops(token_ids: Sequence[int]) -> bool:
    """Whether the end of `token_ids` is one short pattern over and over. Small models do this a lot."""
    for longest, filled in _LOOPS:
        if len(token_ids) >= filled:
            tail = token_ids[-filled:]
            for period in range(1, longest + 1):
                if tail[period:] == tail[:-period]:
                    return True
    return False
