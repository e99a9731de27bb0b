"""What every backend must do, whatever runs underneath: the contract of `Backend`, kind by kind."""

from __future__ import annotations

import numpy as np
import pytest

from polylsp.engine import backend
from polylsp.engine.backend import Logits, Weights, log_softmax
from polylsp.engine.generate import Limits, generate
from polylsp.engine.session import Session
from polylsp.errors import BackendError
from polylsp.types import Finish

IDS = np.random.default_rng(1).integers(5, 250, 60).tolist()


def close(found: Logits, wanted: object) -> bool:
    """Equal up to float rounding: sums are taken in another order when a prompt is cut otherwise."""
    return bool(np.allclose(found, np.asarray(wanted), atol=2e-4, rtol=0))


def test_a_backend_is_a_tape(weights: Weights) -> None:
    """All that is above it is written once: an answer needs reading on and winding back, of any kind."""
    tape, prompt = weights.tape(), IDS[:20]
    for _ in range(2):
        tape.truncate(0)
        by_hand = [int(tape.extend(prompt)[-1].argmax())]
        while len(by_hand) < 8:
            by_hand.append(int(tape.extend(by_hand[-1:])[-1].argmax()))
        answer = generate(Session(tape), prompt, Limits(8))
        assert list(answer.token_ids) == by_hand
        assert tape.n_past == len(prompt) + 7


def test_reading_in_two_pieces_equals_reading_at_once(weights: Weights) -> None:
    whole = weights.tape().extend(IDS)
    tape = weights.tape()
    tape.extend(IDS[:41])
    assert close(tape.extend(IDS[41:]), whole)


def read_in_chunks(weights: Weights, size: int) -> Logits:
    tape = weights.tape()
    chunks = [IDS[start : start + size] for start in range(0, len(IDS), size)]
    return np.concatenate([np.array(tape.extend(chunk, last=len(chunk))) for chunk in chunks])


@pytest.mark.parametrize("size", [2, 7, 32])
def test_reading_in_chunks_equals_reading_at_once(weights: Weights, size: int) -> None:
    assert close(read_in_chunks(weights, size), weights.tape().extend(IDS, last=len(IDS)))


def test_reading_token_by_token_says_nearly_the_same(weights: Weights) -> None:
    # Products with quantised matrices have a kernel of their own for one row. Its rounding is another, which
    # can turn the rounding of an activation.
    whole = weights.tape().extend(IDS, last=len(IDS))
    error = np.sqrt(np.mean((read_in_chunks(weights, 1) - whole) ** 2))
    assert error < 0.02 * whole.std()


def test_truncating_forgets_what_was_read(weights: Weights) -> None:
    tape = weights.tape()
    tape.extend(IDS)
    tape.truncate(20)
    assert tape.n_past == 20
    found = tape.extend([7, 8, 9])
    assert close(found, weights.tape().extend([*IDS[:20], 7, 8, 9]))
    assert not np.allclose(found, weights.tape().extend([*IDS[:21], 7, 8, 9]), atol=1e-3)


def test_truncating_twice_forgets_the_more_of_both(weights: Weights) -> None:
    tape = weights.tape()
    tape.extend(IDS)
    tape.truncate(30)
    tape.truncate(10)
    tape.truncate(25)
    assert tape.n_past == 10
    assert close(tape.extend([7]), weights.tape().extend([*IDS[:10], 7]))


def test_the_order_of_tokens_counts(weights: Weights) -> None:
    forwards, backwards = weights.tape().extend(IDS[:9]), weights.tape().extend(IDS[:9][::-1])
    assert not np.allclose(forwards, backwards, atol=1e-2)


def test_last_gives_the_logits_after_each_of_the_last_tokens(weights: Weights) -> None:
    found = weights.tape().extend(IDS, last=5)
    assert found.shape == (5, weights.n_vocab)
    assert found.dtype == np.float32
    for index in range(5):
        alone = weights.tape().extend(IDS[: len(IDS) - 4 + index])
        assert alone.shape == (1, weights.n_vocab)
        assert close(found[index], alone[0])


def test_a_tape_holds_its_whole_context_and_no_more(weights: Weights) -> None:
    tape = weights.tape()
    assert tape.n_ctx == weights.n_ctx
    tape.extend([5] * (tape.n_ctx - 1))
    tape.extend([6])
    assert tape.n_past == tape.n_ctx
    with pytest.raises(BackendError):
        tape.extend([7])


def test_a_tape_is_usable_again_once_emptied_after_a_failure(weights: Weights) -> None:
    tape = weights.tape()
    tape.extend(IDS)
    with pytest.raises(BackendError):
        tape.extend([5] * tape.n_ctx)
    tape.truncate(0)
    assert close(tape.extend(IDS), weights.tape().extend(IDS))


@pytest.mark.parametrize("asked", [1, 2, 5])
def test_a_cancelled_answer_is_the_start_of_the_whole_one(weights: Weights, asked: int) -> None:
    whole = generate(Session(weights.tape()), IDS[:20], Limits(8)).token_ids
    assert len(whole) == 8
    session, times = Session(weights.tape()), iter(range(asked))
    cut = generate(session, IDS[:20], Limits(8), cancelled=lambda: next(times, None) is None)
    assert cut.finish is Finish.CANCELLED
    # It is asked before the prompt is read, and then before each token.
    assert cut.token_ids == whole[:asked]
    assert session.tape.n_past == 20 + asked - 1
    assert generate(session, IDS[:20], Limits(8)).token_ids == whole


def test_an_answer_ends_where_the_context_does(weights: Weights) -> None:
    prompt = [*IDS, *IDS][: weights.n_ctx - 2]
    found = generate(Session(weights.tape()), prompt, Limits(8))
    assert len(found.token_ids) == 3  # The last one need not be read.
    assert found.finish is Finish.LENGTH


def test_reading_nothing_fails_and_harms_nothing(weights: Weights) -> None:
    tape = weights.tape()
    tape.extend([5, 6])
    with pytest.raises(BackendError):
        tape.extend([])
    assert close(tape.extend([7]), weights.tape().extend([5, 6, 7]))


def test_tapes_of_the_same_weights_do_not_know_each_other(weights: Weights) -> None:
    here, there = weights.tape(), weights.tape()
    here.extend(IDS[:30])
    there.extend(IDS[30:50])
    assert close(here.extend([7]), weights.tape().extend([*IDS[:30], 7]))
    assert close(there.extend([7]), weights.tape().extend([*IDS[30:50], 7]))


@pytest.mark.parametrize("chunk", [7, 256])
def test_score_is_the_log_probability_of_each_token_that_follows(
    weights: Weights, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "CHUNK", chunk)
    logprobs = log_softmax(weights.tape().extend(IDS[:-1], last=len(IDS) - 1))
    wanted = [logprobs[index, token] for index, token in enumerate(IDS[1:])]
    assert close(weights.tape().score(IDS), wanted)


def test_score_takes_what_is_on_the_tape_into_account_and_leaves_it(weights: Weights) -> None:
    tape = weights.tape()
    tape.extend(IDS[:20])
    assert close(tape.score(IDS[20:30]), weights.tape().score(IDS[:30])[20:])
    assert tape.n_past == 20
    assert close(tape.extend([7]), weights.tape().extend([*IDS[:20], 7]))


def test_score_of_one_token_or_none_is_empty(weights: Weights) -> None:
    assert weights.tape().score([]).shape == (0,)
    assert weights.tape().score([5]).shape == (0,)


def test_score_of_more_than_fits_fails_and_leaves_the_tape(weights: Weights) -> None:
    tape = weights.tape()
    tape.extend(IDS[:20])
    with pytest.raises(BackendError):
        tape.score([5] * tape.n_ctx)
    assert tape.n_past == 20


def test_as_many_tokens_can_be_scored_as_fit_and_the_one_after_them(weights: Weights) -> None:
    assert weights.tape().score([5] * (weights.n_ctx + 1)).shape == (weights.n_ctx,)


def test_log_softmax_survives_large_logits() -> None:
    logits = np.array([[1e4, 1e4, -1e4]], np.float32)
    assert np.allclose(log_softmax(logits)[0, :2], np.log(0.5))
    assert np.allclose(np.exp(log_softmax(logits)).sum(-1), 1)
