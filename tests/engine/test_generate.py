"""How an answer grows and ends. The model is scripted: every pass is counted, and the clock is a list."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.engine.backend import CHUNK, Weights
from polylsp.engine.generate import Limits, generate, loops
from polylsp.engine.load import load
from polylsp.engine.sample import Ids, Sampling
from polylsp.engine.session import Session
from polylsp.errors import BackendError
from polylsp.types import Completion, Finish
from tests import tinies
from tests.fakes import END, FIRST_BYTE, ScriptedWeights, replying, vocab_size
from tests.tinies import SPECIAL, bytes_of

PROMPT = tuple(FIRST_BYTE + byte for byte in b"def f(x): ")
END_ID = SPECIAL.index(END)
NO_LIMIT = Limits(tokens=100, end_ids=frozenset({END_ID}))


def said(token_ids: Sequence[int]) -> str:
    return bytes_of(token_ids).decode()


def test_an_answer_ends_at_end_of_text_which_is_not_part_of_it() -> None:
    weights = ScriptedWeights(replying("return x"))
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT)
    assert said(found.token_ids) == "return x"
    assert found.finish is Finish.STOP
    assert (found.reused, found.prefilled) == (0, len(PROMPT))
    assert weights.passes == 1 + len("return x")


def test_logprobs_are_the_models_own() -> None:
    weights = ScriptedWeights(replying("abc"), sure=0.75)
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT)
    assert found.logprobs == pytest.approx([math.log(0.75)] * 3)


def test_a_stop_rule_ends_it_after_the_token_that_it_wanted() -> None:
    weights = ScriptedWeights(replying("return x\ny = 1"))
    found = generate(
        Session(weights.tape()), PROMPT, NO_LIMIT, stop=lambda ids: said(ids).endswith("\n")
    )
    assert said(found.token_ids) == "return x\n"
    assert found.finish is Finish.STOP
    assert weights.passes == len("return x\n")


def test_no_more_tokens_than_asked_for() -> None:
    weights = ScriptedWeights(replying("return x"))
    found = generate(Session(weights.tape()), PROMPT, Limits(tokens=3))
    assert said(found.token_ids) == "ret"
    assert found.finish is Finish.LENGTH
    assert weights.passes == 3


def test_no_more_tokens_than_fit() -> None:
    weights = ScriptedWeights(replying("return x"), n_ctx=len(PROMPT) + 2)
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT)
    assert said(found.token_ids) == "ret"  # The last one need not be read.
    assert found.finish is Finish.LENGTH


def test_a_prompt_that_fills_the_context_still_has_one_token_to_follow() -> None:
    weights = ScriptedWeights(replying("return x"), n_ctx=len(PROMPT))
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT)
    assert said(found.token_ids) == "r"
    assert found.finish is Finish.LENGTH


def test_a_prompt_that_does_not_fit_fails_and_empties_the_session() -> None:
    weights = ScriptedWeights(replying("x"), n_ctx=len(PROMPT) - 1)
    session = Session(weights.tape())
    with pytest.raises(BackendError):
        generate(session, PROMPT, NO_LIMIT)
    assert session.token_ids == []
    assert session.tape.n_past == 0


def test_an_empty_prompt_has_an_empty_answer() -> None:
    weights = ScriptedWeights(replying("x"))
    found = generate(Session(weights.tape()), (), NO_LIMIT)
    assert (found.token_ids, found.finish) == ((), Finish.STOP)
    assert weights.passes == 0


def test_a_loop_ends_the_answer() -> None:
    weights = ScriptedWeights(lambda ids: FIRST_BYTE + b"ab"[len(ids) % 2])
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT)
    assert found.finish is Finish.STOP
    assert len(found.token_ids) == 30


@given(
    st.lists(st.integers(), max_size=5),
    st.lists(st.integers(), min_size=1, max_size=30).filter(lambda one: len(set(one)) == len(one)),
)
def test_any_pattern_of_up_to_thirty_tokens_is_a_loop_once_it_fills_its_share(
    before: list[int], pattern: list[int]
) -> None:
    filled = next(
        filled
        for longest, filled in ((1, 10), (10, 30), (20, 45), (30, 60))
        if len(pattern) <= longest
    )
    tail = (pattern * filled)[:filled]
    assert loops(before + tail)
    assert loops(tuple(tail))
    if len(pattern) > 1:
        assert not loops([*tail[:-1], max(pattern) + 1])
        assert not loops(tail[1:])


def test_an_unlikely_answer_ends_where_the_cumulative_probability_falls_under_the_floor() -> None:
    weights = ScriptedWeights(replying("return x"), sure=0.9)
    limits = Limits(tokens=100, floor=math.log(0.6))
    found = generate(Session(weights.tape()), PROMPT, limits)
    assert found.finish is Finish.UNSURE
    assert math.exp(sum(found.logprobs[:-1])) >= 0.6 > math.exp(sum(found.logprobs))
    assert weights.passes == len(found.token_ids) == 5


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def tick(self, _: object) -> None:
        self.now += 1.0


def test_an_answer_ends_at_its_deadline_with_what_there_is() -> None:
    weights, clock = ScriptedWeights(replying("return x")), Clock()
    weights.on_pass = clock.tick
    found = generate(Session(weights.tape()), PROMPT, Limits(100, deadline=4, clock=clock))
    assert (said(found.token_ids), found.finish) == ("retu", Finish.DEADLINE)
    assert weights.passes == 4


def test_the_time_for_decoding_starts_when_the_prompt_is_read() -> None:
    weights, clock = ScriptedWeights(replying("return x")), Clock()
    weights.on_pass = clock.tick
    prompt = [*[FIRST_BYTE] * 100, *PROMPT]
    limits = Limits(100, decoding=3, pass_tokens=10, clock=clock)
    found = generate(Session(weights.tape()), prompt, limits)
    assert (said(found.token_ids), found.finish) == ("retu", Finish.DEADLINE)
    assert max(weights.sizes) == 10
    assert found.passes == 3


def test_a_deadline_while_reading_keeps_what_was_read_for_the_next_request() -> None:
    weights, clock = ScriptedWeights(replying("x")), Clock()
    weights.on_pass = clock.tick
    session = Session(weights.tape())
    prompt = [FIRST_BYTE + index % 200 for index in range(CHUNK * 3)]
    found = generate(session, prompt, Limits(100, deadline=2, clock=clock))
    assert (found.token_ids, found.finish) == ((), Finish.DEADLINE)
    assert (found.reused, found.prefilled, weights.passes) == (0, 2 * CHUNK, 2)
    found = generate(session, prompt, Limits(1, deadline=9, clock=clock))
    assert (found.reused, found.prefilled, weights.passes) == (2 * CHUNK, CHUNK, 3)


@pytest.mark.parametrize("at", [1, 2, 5])
def test_cancelling_stops_the_engine_within_one_token(at: int) -> None:
    weights = ScriptedWeights(replying("return x"))
    running = [True]
    weights.on_pass = lambda number: running.__setitem__(0, number < at)
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT, cancelled=lambda: not running[0])
    assert found.finish is Finish.CANCELLED
    assert weights.passes == at
    assert said(found.token_ids) == "return x"[:at]


def test_cancelling_while_a_long_prompt_is_read_stops_before_the_next_chunk() -> None:
    weights = ScriptedWeights(replying("x"))
    prompt = [FIRST_BYTE] * (CHUNK * 3)
    found = generate(
        Session(weights.tape()), prompt, NO_LIMIT, cancelled=lambda: weights.passes == 2
    )
    assert (found.token_ids, found.finish) == ((), Finish.CANCELLED)
    assert weights.passes == 2


def test_nothing_is_read_for_a_request_that_is_cancelled_already() -> None:
    weights = ScriptedWeights(replying("x"))
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT, cancelled=lambda: True)
    assert found.finish is Finish.CANCELLED
    assert weights.passes == 0


def test_cancelling_wins_over_a_deadline() -> None:
    weights = ScriptedWeights(replying("x"))
    limits = Limits(100, deadline=0, clock=Clock())
    found = generate(Session(weights.tape()), PROMPT, limits, cancelled=lambda: True)
    assert found.finish is Finish.CANCELLED


def test_a_second_answer_to_the_same_prompt_reads_nothing_again() -> None:
    weights = ScriptedWeights(replying("return x"))
    session = Session(weights.tape())
    first = generate(session, PROMPT, NO_LIMIT)
    passes = weights.passes
    second = generate(session, PROMPT, NO_LIMIT)
    assert second.token_ids == first.token_ids
    assert (second.reused, second.prefilled) == (len(PROMPT), 0)
    assert weights.passes == passes + len("return x")


def test_a_second_answer_that_is_cancelled_costs_no_pass() -> None:
    weights = ScriptedWeights(replying("return x"))
    session = Session(weights.tape())
    generate(session, PROMPT, NO_LIMIT)
    passes = weights.passes
    found = generate(session, PROMPT, NO_LIMIT, cancelled=lambda: True)
    assert found.finish is Finish.CANCELLED
    assert weights.passes == passes


def only(*texts: str) -> Callable[[Sequence[int]], Ids | None]:
    """A constraint: the answer starts with one of the bytes of each text in turn, then anything."""

    def allowed(answer: Sequence[int]) -> Ids | None:
        if len(answer) >= len(texts):
            return None
        return np.array([FIRST_BYTE + byte for byte in texts[len(answer)].encode()], np.int64)

    return allowed


def test_only_allowed_tokens_are_chosen() -> None:
    weights = ScriptedWeights(replying("return x"))
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT, allowed=only("xyz", "r"))
    assert said(found.token_ids)[0] in "xyz"
    assert said(found.token_ids)[1:] == "return x"
    # Given that it is one of three that the model thinks equally unlikely; then that it can be no other.
    assert found.logprobs[:2] == pytest.approx([math.log(1 / 3), 0])


def test_an_answer_ends_where_nothing_is_allowed() -> None:
    weights = ScriptedWeights(replying("return x"))
    found = generate(Session(weights.tape()), PROMPT, NO_LIMIT, allowed=only("r", ""))
    assert (said(found.token_ids), found.finish) == ("r", Finish.STOP)


def test_a_sampled_answer_follows_from_its_seed(neox: Weights) -> None:
    def answer(seed: int) -> tuple[int, ...]:
        sampling = Sampling(temperature=1.0, top_p=1.0, seed=seed)
        return generate(Session(neox.tape()), PROMPT, Limits(12), sampling=sampling).token_ids

    assert answer(1) == answer(1)
    assert len({answer(seed) for seed in range(5)}) == 5


def test_a_real_model_says_the_same_whatever_its_session_held_before(neox: Weights) -> None:
    fresh = generate(Session(neox.tape()), PROMPT, Limits(20))
    session = Session(neox.tape())
    generate(session, PROMPT[:5] + PROMPT[:5], Limits(20))
    used = generate(session, PROMPT, Limits(20))
    assert used.token_ids == fresh.token_ids
    assert used.logprobs == pytest.approx(fresh.logprobs, abs=1e-4)
    assert used.reused >= 5


def test_a_greedy_answer_is_the_likeliest_token_every_time(neox: Weights) -> None:
    found = generate(Session(neox.tape()), PROMPT, Limits(10))
    logits = neox.tape().extend([*PROMPT, *found.token_ids], last=11)
    assert found.token_ids == tuple(logits[:-1].argmax(-1).tolist())
    assert vocab_size() == logits.shape[-1]


def test_a_failing_runtime_empties_the_session_and_the_next_request_works() -> None:
    weights = ScriptedWeights(replying("return x"))

    def fail(number: int) -> None:
        if number == 3:
            raise BackendError("out of memory")

    weights.on_pass = fail
    session = Session(weights.tape())
    with pytest.raises(BackendError):
        generate(session, PROMPT, NO_LIMIT)
    assert session.token_ids == []
    found = generate(session, PROMPT, NO_LIMIT)
    assert (said(found.token_ids), found.reused) == ("return x", 0)


REPEATED = tuple(FIRST_BYTE + byte for byte in b"if a: return abcdefgh\nif b: return a")


def test_what_repeats_the_prompt_takes_fewer_passes() -> None:
    weights = ScriptedWeights(replying("bcdefgh\n"))
    found = generate(Session(weights.tape()), REPEATED, NO_LIMIT, lookup=True)
    assert said(found.token_ids) == "bcdefgh\n"
    assert found.passes == weights.passes - 1 < 4
    plain = generate(Session(weights.tape()), REPEATED, NO_LIMIT)
    assert plain == replace(found, passes=len("bcdefgh\n"))


def test_what_repeats_the_last_answer_takes_fewer_passes() -> None:
    weights = ScriptedWeights(replying("return x.value"))
    session = Session(weights.tape())
    first = generate(session, PROMPT, NO_LIMIT, lookup=True)
    typed = generate(session, (*PROMPT, *first.token_ids[:4]), NO_LIMIT, lookup=True)
    assert said(typed.token_ids) == "rn x.value"
    assert typed.passes <= 3
    assert max(weights.sizes[-2:]) <= 8


def test_a_sampled_answer_is_not_guessed() -> None:
    weights = ScriptedWeights(replying("bcdefgh\n"))
    sampling = Sampling(temperature=0.1)
    generate(Session(weights.tape()), REPEATED, NO_LIMIT, sampling=sampling, lookup=True)
    assert set(weights.sizes[1:]) == {1}


TOKENS = st.integers(0, 5)


@given(
    prompts=st.lists(st.lists(TOKENS, min_size=1, max_size=14), min_size=1, max_size=3),
    follows=st.lists(TOKENS, min_size=13, max_size=13),
    room=st.integers(0, 40),
    tokens=st.integers(1, 40),
    floor=st.sampled_from([-math.inf, -0.5, -4.0]),
    ends=st.booleans(),
    last=st.integers(1, 40),
    constrained=st.lists(st.lists(TOKENS, min_size=1, max_size=3), max_size=4),
    steady=st.booleans(),
)
def test_guessing_changes_nothing_but_the_passes(
    prompts: list[list[int]],
    follows: list[int],
    room: int,
    tokens: int,
    floor: float,
    ends: bool,
    last: int,
    constrained: list[list[int]],
    steady: bool,
) -> None:
    """Nor what stop rules and constraints are asked, nor what is on the tape afterwards."""

    def answers(lookup: bool) -> list[object]:
        weights = ScriptedWeights(
            lambda ids: follows[(2 * ids[-1] + sum(ids[-3:])) % 13],
            n_ctx=max(map(len, prompts)) + room,
            n_vocab=8,
            sure=0.9,
        )
        tape = weights.tape()
        tape.steady = steady
        session = Session(tape)
        limits = Limits(tokens, frozenset({5} if ends else ()), floor)
        seen: list[object] = []

        def stop(answer: Sequence[int]) -> bool:
            seen.append(("stop", tuple(answer)))
            return len(answer) >= last and answer[-1] == 3

        def allowed(answer: Sequence[int]) -> Ids | None:
            seen.append(("allowed", tuple(answer)))
            here = constrained[len(answer)] if len(answer) < len(constrained) else None
            return None if here is None else np.array(here, np.int64)

        for prompt in prompts:
            found = generate(session, prompt, limits, stop=stop, allowed=allowed, lookup=lookup)
            least = max(0, len(found.token_ids) - 1)
            assert found.passes <= least + 1 if lookup else found.passes >= least
            seen += [_but_reading(found), list(session.token_ids)]
            assert session.tape.n_past == len(session.token_ids)
        return seen

    assert answers(lookup=True) == answers(lookup=False)


def _but_reading(found: Completion) -> Completion:
    """Without what was kept: tokens that were read with others need not be read again."""
    return replace(found, passes=0, reused=0, prefilled=found.reused + found.prefilled)


@given(st.integers(1, 12), st.integers(0, 3))
def test_cancelling_stops_a_guessing_engine_before_its_next_pass(at: int, skipped: int) -> None:
    reply = "bcdefgh\nif c: return abcdefgh\n"
    weights = ScriptedWeights(replying(reply))
    prompt = REPEATED[skipped:]
    found = generate(
        Session(weights.tape()),
        prompt,
        NO_LIMIT,
        cancelled=lambda: weights.passes >= at,
        lookup=True,
    )
    assert weights.passes <= at
    assert reply.startswith(said(found.token_ids))
    if said(found.token_ids) != reply:
        assert (found.finish, weights.passes) == (Finish.CANCELLED, at)


def test_guesses_that_were_read_when_the_deadline_comes_still_count() -> None:
    weights, clock = ScriptedWeights(replying("bcdefgh\n")), Clock()
    weights.on_pass = clock.tick
    limits = Limits(100, deadline=2, clock=clock)
    found = generate(Session(weights.tape()), REPEATED, limits, lookup=True)
    assert found.finish is Finish.DEADLINE
    assert found.passes == 1
    assert len(found.token_ids) > 2


@pytest.mark.parametrize("tiny", [tinies.NEOX_EMBEDDED, tinies.LLAMA_GROUPED])
def test_a_quantised_model_says_the_same_to_the_bit_when_it_is_guessed(
    tiny: tinies.Tiny, tmp_path_factory: pytest.TempPathFactory
) -> None:
    weights = load(tinies.exported(tmp_path_factory.mktemp("int8"), tiny, "int8"))
    random = np.random.default_rng(0)
    guessing, passes, tokens = Session(weights.tape()), 0, 0
    for length in range(20, 95, 5):
        some = random.integers(5, 250, 12).tolist()
        prompt = (some * 8)[:length]
        plain = generate(Session(weights.tape()), prompt, Limits(30))
        found = generate(guessing, prompt, Limits(30), lookup=True)
        assert _but_reading(found) == _but_reading(plain)
        passes, tokens = passes + found.passes, tokens + plain.passes
    assert passes < tokens
