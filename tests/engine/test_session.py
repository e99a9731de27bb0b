"""What of a tape the next prompt can keep, and which tape it is given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.engine.backend import CHUNK, Weights
from polylsp.engine.load import load
from polylsp.engine.session import Session, Sessions, common
from polylsp.errors import BackendError
from tests import tinies
from tests.fakes import ScriptedWeights

IDS = st.lists(st.integers(0, 2), max_size=30)
LONG = list(range(5, 205))  # A prompt long enough to be worth keeping.
OTHER = LONG[::-1]


def never() -> bool:
    return False


def scripted() -> ScriptedWeights:
    return ScriptedWeights(lambda ids: hash(tuple(ids)) % 250)


@given(IDS, IDS)
def test_common_counts_the_tokens_until_two_sequences_differ(a: list[int], b: list[int]) -> None:
    count = common(a, b)
    assert a[:count] == b[:count]
    assert count in (len(a), len(b)) or a[count] != b[count]


@given(st.lists(st.tuples(IDS.filter(bool), st.lists(st.integers(0, 2), max_size=5)), max_size=8))
def test_a_session_hears_what_a_fresh_tape_would_whatever_was_read_before(
    requests: list[tuple[list[int], list[int]]],
) -> None:
    weights = scripted()
    session = Session(weights.tape())
    before: list[int] = []
    for prompt, answer in requests:
        kept, logits = session.read(prompt, never)
        assert logits is not None
        assert np.array_equal(logits, weights.tape().extend(prompt)[0])
        assert len(before) < 2 or kept >= min(common(before, prompt), len(prompt) - 2)
        before = prompt
        for token in answer:
            session.append([token])
        assert session.token_ids == prompt + answer
        assert session.tape.n_past == len(prompt + answer)


def test_a_quantised_model_hears_the_same_to_the_bit_whatever_its_tape_went_through(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tinies.exported(tmp_path_factory.mktemp("int8"), tinies.NEOX_EMBEDDED, "int8")
    weights = load(folder)
    session = Session(weights.tape())
    ids = np.random.default_rng(0).integers(5, 250, 90).tolist()
    for end in range(1, len(ids)):  # Typed token by token, with an answer spoken at each.
        _, found = session.read(ids[:end], never)
        _, wanted = Session(weights.tape()).read(ids[:end], never)
        assert found is not None
        assert wanted is not None
        assert np.abs(found - wanted).max() < 1e-5
        for token in ids[end : end + 3]:  # It is what will be typed next.
            if session.tape.n_past < session.tape.n_ctx:
                session.append([token])


def test_only_what_is_new_is_read() -> None:
    weights = scripted()
    session = Session(weights.tape())
    session.read(LONG, never)
    weights.read = 0
    assert session.read([*LONG, 1, 2, 3], never)[0] == len(LONG)
    assert weights.read == 3


def test_an_accepted_answer_is_read_again_in_one_pass() -> None:
    weights = scripted()
    session = Session(weights.tape())
    session.read(LONG, never)
    for token in (1, 2, 3):
        session.append([token])
    passes = weights.passes
    assert session.read([*LONG, 1, 2, 3, 4], never)[0] == len(LONG)
    assert weights.passes == passes + 1


@pytest.mark.parametrize(
    ("before", "now", "sizes"),
    [
        (0, CHUNK + 1, [CHUNK - 1, 2]),
        (0, 2 * CHUNK + 2, [CHUNK, CHUNK, 2]),
        (0, 2 * CHUNK + 1, [CHUNK, CHUNK - 1, 2]),
        (100, 101, [2]),
        (100, 99, [2]),
        (1, 2, [2]),
        (0, 1, [1]),
    ],
)
def test_no_token_of_a_prompt_is_read_alone_unless_it_is_the_only_one(
    before: int, now: int, sizes: list[int]
) -> None:
    weights = scripted()
    session = Session(weights.tape())
    prompt = [index % 250 for index in range(3 * CHUNK)]
    if before:
        session.read(prompt[:before], never)
        weights.sizes.clear()
    session.read(prompt[:now], never)
    assert weights.sizes == sizes


def test_the_same_prompt_again_costs_no_pass_and_is_heard_the_same() -> None:
    weights = scripted()
    session = Session(weights.tape())
    _, first = session.read(LONG, never)
    session.append([1])
    passes = weights.passes
    kept, second = session.read(LONG, never)
    assert (kept, weights.passes) == (len(LONG), passes)
    assert first is not None
    assert second is not None
    assert np.array_equal(first, second)
    assert session.tape.n_past == len(LONG)


def test_a_steady_tape_keeps_what_it_read_alone() -> None:
    weights = scripted()
    session = steady(weights)
    session.read(LONG, never)
    for token in (1, 2, 3):
        session.append([token])
    assert session.read([*LONG, 1, 2, 3, 4], never)[0] == len(LONG) + 3
    assert session.read([*LONG, 1, 2], never)[0] == len(LONG) + 1


def test_what_a_steady_tape_read_in_a_hurry_is_read_again() -> None:
    weights = scripted()
    session = steady(weights)
    session.read(LONG, never)
    session.hurry(True)
    assert not session.tape.steady
    for token in (1, 2, 3):
        session.append([token])
    session.hurry(False)
    assert session.tape.steady
    assert session.read([*LONG, 1, 2, 3, 4], never)[0] == len(LONG)


def steady(weights: ScriptedWeights) -> Session:
    tape = weights.tape()
    tape.steady = True
    return Session(tape)


def test_a_prompt_that_is_the_start_of_another_is_heard_at_its_own_end() -> None:
    weights = scripted()
    session = Session(weights.tape())
    session.read(LONG, never)
    kept, logits = session.read(LONG[:50], never)
    assert kept == 48  # The last one is read to hear what follows it, and not alone.
    assert logits is not None
    assert np.array_equal(logits, weights.tape().extend(LONG[:50])[0])


def test_a_long_prompt_is_read_in_chunks_and_stays_when_halted_between_them() -> None:
    weights = scripted()
    session = Session(weights.tape())
    prompt = [index % 250 for index in range(2 * CHUNK + 10)]
    assert session.read(prompt, lambda: weights.passes == 1) == (0, None)
    assert session.token_ids == prompt[:CHUNK]
    kept, logits = session.read(prompt, never)
    assert (kept, weights.passes) == (CHUNK, 3)
    assert logits is not None


def test_a_failure_empties_the_session() -> None:
    weights = scripted()
    session = Session(weights.tape())
    session.read(LONG, never)

    def fail(_: int) -> None:
        raise BackendError("broken")

    weights.on_pass = fail
    with pytest.raises(BackendError):
        session.append([1])
    assert session.token_ids == []
    assert session.tape.n_past == 0
    weights.on_pass = lambda _: None
    assert session.read(LONG, never)[0] == 0


def test_what_is_heard_stays_though_the_runtime_reuses_its_memory(neox: Weights) -> None:
    session = Session(neox.tape())
    _, heard = session.read(LONG[:20], never)
    assert heard is not None
    before = heard.copy()
    session.append([7])
    assert np.array_equal(heard, before)


def sessions(tapes: int, reuse: bool = True) -> tuple[Sessions, ScriptedWeights]:
    weights = scripted()
    return Sessions(weights, tapes * weights.tape_bytes, reuse), weights


def read(some: Sessions, token_ids: list[int]) -> tuple[Session, int]:
    session = some.session(token_ids)
    return session, session.read(token_ids, never)[0]


def test_two_files_have_a_tape_each() -> None:
    some, weights = sessions(2)
    here, there = read(some, LONG)[0], read(some, OTHER)[0]
    assert here is not there
    assert read(some, [*LONG, 1, 2]) == (here, len(LONG))
    assert read(some, [*OTHER, 1, 2]) == (there, len(OTHER))
    assert len(weights.tapes) == 2


def test_tapes_stay_within_the_memory_budget_and_the_least_recently_used_gives_way() -> None:
    some, weights = sessions(2)
    read(some, LONG)
    read(some, OTHER)
    read(some, LONG)
    third = [index % 7 + 200 for index in range(200)]
    assert read(some, third)[1] == 0
    assert len(weights.tapes) == 2
    assert read(some, LONG)[1] > 0
    assert read(some, OTHER)[1] == 0


def test_there_is_always_room_for_one_tape() -> None:
    some, weights = sessions(0)
    read(some, LONG)
    assert read(some, [*LONG, 1, 2])[1] == len(LONG)
    assert len(weights.tapes) == 1


def test_tapes_are_only_made_when_they_are_needed() -> None:
    some, weights = sessions(100)
    for count in range(10):
        read(some, [*LONG, *range(count)])
    assert len(weights.tapes) == 1


def test_a_few_tokens_in_common_do_not_take_another_files_tape() -> None:
    some, weights = sessions(2)
    read(some, LONG)
    read(some, [*LONG[:20], *OTHER])
    assert len(weights.tapes) == 2
    assert read(some, LONG)[1] == len(LONG)


def test_half_of_a_short_prompt_in_common_is_enough() -> None:
    some, weights = sessions(2)
    read(some, LONG[:10])
    assert read(some, [*LONG[:6], 1, 2, 3])[1] == 6
    assert len(weights.tapes) == 1


def test_without_reuse_everything_is_read_again() -> None:
    some, weights = sessions(2, reuse=False)
    read(some, LONG)
    weights.read = 0
    assert read(some, LONG)[1] == 0
    assert weights.read == len(LONG)


def test_emptying_gives_all_tapes_back_and_costs_only_time() -> None:
    some, weights = sessions(2)
    _, before = read(some, LONG)
    some.clear()
    session, kept = read(some, LONG)
    assert (before, kept) == (0, 0)
    assert session.tape is weights.tapes[-1]
    assert len(weights.tapes) == 2
