"""How likely whole continuations of a prompt are."""

from __future__ import annotations

import numpy as np
import pytest

from polylsp.engine.backend import Weights, log_softmax
from polylsp.engine.generate import never
from polylsp.engine.likelihood import likelihoods
from polylsp.engine.session import Session
from polylsp.errors import BackendError
from tests.fakes import ScriptedWeights

PROMPT = list(range(5, 17))


def test_a_likelihood_is_what_reading_token_by_token_hears(weights: Weights) -> None:
    session = Session(weights.tape())
    found = likelihoods(session, PROMPT, [[7, 8, 9], [30, 6]], never)
    assert found is not None
    for token_ids, likelihood in zip([[7, 8, 9], [30, 6]], found, strict=True):
        tape, total = weights.tape(), 0.0
        logits = tape.extend(PROMPT)
        for token in token_ids:
            total += float(log_softmax(logits[-1])[token])
            logits = tape.extend([token])
        assert likelihood == pytest.approx(total, abs=0.05)


def test_the_session_hears_what_it_heard_before(weights: Weights) -> None:
    session = Session(weights.tape())
    _, before = session.read(PROMPT, never)
    assert likelihoods(session, PROMPT, [[7, 8], [9]], never) is not None
    assert session.tape.n_past == len(session.token_ids) == len(PROMPT) - 1
    _, after = session.read(PROMPT, never)
    assert before is not None
    assert after is not None
    assert np.allclose(before, after, atol=0.05)


def test_a_prompt_of_one_token_is_enough() -> None:
    session = Session(ScriptedWeights(lambda ids: 9, sure=0.5).tape())
    found = likelihoods(session, [5], [[9, 9], [9, 8]], never)
    assert found is not None
    assert found[0] == pytest.approx(2 * np.log(0.5))
    assert found[1] < found[0]


def test_what_does_not_fit_is_not_ranked() -> None:
    session = Session(ScriptedWeights(lambda ids: 9, n_ctx=14).tape())
    assert likelihoods(session, PROMPT, [[7, 8]], never) is not None
    assert likelihoods(session, PROMPT, [[7], [7, 8, 9]], never) is None


def test_once_halted_nothing_more_is_read() -> None:
    weights = ScriptedWeights(lambda ids: 9)
    session = Session(weights.tape())
    assert likelihoods(session, PROMPT, [[7], [8], [9]], lambda: weights.passes >= 2) is None
    assert weights.passes == 2


def test_a_failure_empties_the_session() -> None:
    weights = ScriptedWeights(lambda ids: 9)
    session = Session(weights.tape())

    def fail(number: int) -> None:
        if number == 2:
            raise BackendError("broken")

    weights.on_pass = fail
    with pytest.raises(BackendError):
        likelihoods(session, PROMPT, [[7]], never)
    assert session.token_ids == []
    assert session.tape.n_past == 0
