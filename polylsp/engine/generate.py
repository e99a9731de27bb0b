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

from polylsp.engine.lookup import MOST, REMEMBERED, Lookup
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
    deadline: float = math.inf  # In seconds, on `clock`.
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
) -> Completion:
    """Continue `prompt`.

    `stop(answer)` ends it after a token, `allowed(answer)` gives the ids that may come next (None: any),
    `cancelled()` is asked before every pass of the model: after it turns true there is no other.
    `lookup` guesses what repeats the prompt or the session's last answer; sampled answers are not guessed.
    An empty prompt has an empty answer. Raises BackendError; the session is then empty.
    """
    if not prompt:
        return Completion((), (), Finish.STOP)

    def late() -> bool:
        return limits.clock() >= limits.deadline

    reused, heard = session.read(prompt, lambda: cancelled() or late())
    prefilled = len(session.token_ids) - reused
    guesses = Lookup(prompt, session.spoken) if lookup and sampling.temperature <= 0 else None
    answer: list[int] = []
    logprobs: list[float] = []
    total = 0.0
    passes = 0
    draft: list[int] = []  # On the tape behind the answer, but not chosen yet.
    random = np.random.default_rng(sampling.seed)

    def ended(finish: Finish) -> Completion:
        session.rewind(len(session.token_ids) - len(draft))
        if guesses is not None and answer:
            session.spoken = [*prompt[-REMEMBERED:], *answer]
        return Completion(tuple(answer), tuple(logprobs), finish, reused, prefilled, passes)

    if heard is None:
        return ended(Finish.CANCELLED if cancelled() else Finish.DEADLINE)
    # The last token of an answer need not be read, so it needs no room.
    room = min(limits.tokens, session.tape.n_ctx - len(prompt) + 1)
    logits = heard[np.newaxis]  # After the answer's last token and each of the draft's.
    while True:
        ids = allowed(answer)
        if ids is not None and not len(ids):
            return ended(Finish.STOP)
        token, logprob = pick(logits[0], sampling, random, ids)
        if token in limits.end_ids:
            return ended(Finish.STOP)
        answer.append(token)
        logprobs.append(logprob)
        total += logprob
        if stop(answer) or loops(answer):
            return ended(Finish.STOP)
        if total < limits.floor:
            return ended(Finish.UNSURE)
        if len(answer) >= room:
            return ended(Finish.LENGTH)
        if guesses is not None:
            guesses.add(token)
        if draft and draft[0] == token:  # It was read already, with all that stands before it.
            draft, logits = draft[1:], logits[1:]
            continue
        if cancelled():
            return ended(Finish.CANCELLED)
        if late():
            return ended(Finish.DEADLINE)
        session.rewind(len(session.token_ids) - len(draft))
        draft = guesses.draft(min(MOST, room - len(answer) - 1)) if guesses is not None else []
        logits = session.append([token, *draft], last=1 + len(draft))
        passes += 1


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
