"""How likely several continuations of one prompt are, as a whole: to rank them by more than their own start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from polylsp.engine.session import Session
from polylsp.errors import BackendError


def likelihoods(
    session: Session,
    prompt: Sequence[int],
    continuations: Sequence[Sequence[int]],
    halted: Callable[[], bool],
) -> list[float] | None:
    """Natural-log probability of each of `continuations` behind `prompt`, which has one token at least.

    None where it was halted, or where one of them does not fit. Raises BackendError; the session is then empty.
    """
    longest = max(map(len, continuations), default=0)
    if len(prompt) + longest > session.tape.n_ctx:
        return None
    *stem, last = prompt
    if stem and session.read(stem, halted)[1] is None:
        return None
    if not stem:
        session.clear()
    found = []
    for token_ids in continuations:
        if halted():
            return None
        try:
            found.append(float(session.tape.score([last, *token_ids]).sum()))
        except BackendError:
            session.clear()
            raise
    return found
