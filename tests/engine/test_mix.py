"""Model and memory as one distribution, and weights that learn."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.backend import Logits, log_softmax, softmax
from polylsp.engine.learn import Learner
from polylsp.engine.live import BORDER, Live
from polylsp.engine.memory import Kind, Match, Memory
from polylsp.engine.mix import KINDS, ORDERS, ROWS, Gate, Mixed, experts, mixed
from polylsp.models import mixtures

VOCABULARY = 50


def gate(**rows: float) -> Gate:
    """A gate that trusts every match alike."""
    return Gate({name: [[rows.get(name, 0.0)] * ROWS[name]] * KINDS * ORDERS for name in ROWS})


def place(seed: int = 0, bias: float = 0.5) -> Mixed:
    chance = random.Random(seed)
    logits: Logits = np.random.default_rng(seed).normal(0, 3, VOCABULARY).astype(np.float32)
    stream = [chance.randrange(4) for _ in range(200)]
    history = stream[50:60]
    kinds = (Kind.ABOVE, Kind.OPEN)
    memory = Memory(
        Live(kind, np.array([*stream, BORDER, *stream[9:70]], np.uint32)) for kind in kinds
    )
    return mixed(softmax(logits), experts(memory.look(history), gate(bias=bias)))


@pytest.mark.parametrize("seed", range(5))
def test_the_logits_are_those_of_the_mixture(seed: int) -> None:
    """P = w₀·P_model + Σ wₑ·Pₑ for every token, by the definition."""
    here = place(seed)
    assert here.matches
    model = np.exp(log_softmax(here.model.logits.astype(np.float64)))
    expected = (1 - sum(here.shares)) * model
    for match, share in zip(here.matches, here.shares, strict=True):
        for token, count in match.following:
            expected[token] += share * count / match.total
    found = np.exp(log_softmax(here.logits.astype(np.float64)))
    assert found == pytest.approx(expected, rel=1e-4)
    assert found.sum() == pytest.approx(1)
    for token in range(VOCABULARY):
        assert sum(here.parts(token)) == pytest.approx(expected[token], rel=1e-4)
        assert math.exp(here.logprob(token)) == pytest.approx(expected[token], rel=1e-4)
    assert here.likeliest == expected.argmax() != here.model.likeliest


def test_only_what_memory_names_is_touched() -> None:
    here = place()
    named = {token for match in here.matches for token, _ in match.following}
    others = [token for token in range(VOCABULARY) if token not in named]
    assert np.array_equal(here.logits[others], here.model.logits[others])
    assert (here.logits[list(named)] > here.model.logits[list(named)]).all()


def test_memory_that_is_not_trusted_says_nothing() -> None:
    here = place(bias=-60)
    assert here.logits == pytest.approx(here.model.logits, abs=1e-5)
    assert here.likeliest == here.model.likeliest


def test_who_gives_a_token_most_is_told() -> None:
    here = place()
    token = here.matches[0].following[0][0]
    giver = here.giver(token)
    assert isinstance(giver, Match)
    given = [
        share * match.times(token) / match.total
        for match, share in zip(here.matches, here.shares, strict=True)
    ]
    assert giver is here.matches[given.index(max(given))]
    assert here.giver(VOCABULARY - 1) is None


def test_what_memory_alone_would_say_is_known_before_the_model_speaks() -> None:
    for seed in range(5):
        here = place(seed, bias=60)  # Trusted so much that the model has no say.
        likely = here.experts.likely(3)
        assert likely[0] == here.likeliest
        given = [here.parts(token)[1] for token in likely]
        assert given == sorted(given, reverse=True)
        rest = set(here.experts.columns) - set(likely)
        assert all(here.parts(token)[1] <= given[-1] for token in rest)


def test_experts_that_were_right_are_trusted_more() -> None:
    for seed in range(5):
        here = place(seed)
        learner = Learner(gate(bias=0.5))
        token = here.matches[0].following[0][0]
        learner.learn(here, token)
        after = mixed(here.model, experts(here.matches, learner.gate))
        assert sum(after.parts(token)) > sum(here.parts(token))


def test_learning_is_bounded_and_can_be_undone() -> None:
    fitted = gate(bias=0.5)
    learner = Learner(fitted)
    here = place()
    for _ in range(2000):
        learner.learn(here, here.matches[0].following[0][0])
    moved = [
        abs(now - before)
        for name in ROWS
        for new, old in zip(learner.gate.rows[name], fitted.rows[name], strict=True)
        for now, before in zip(new, old, strict=True)
    ]
    assert 0.1 < max(moved) <= 1.0
    learner.reset()
    assert learner.gate.rows == fitted.rows


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    """And those of the package can be."""
    mixture = mixtures.Mixture()
    mixtures.write(tmp_path, mixture, {"files": 1})
    found, problem = mixtures.find(tmp_path, {})
    assert problem == ""
    assert found.gate.rows == mixture.gate.rows
    shipped = sorted(mixtures.TABLE.glob("*.json"))
    assert len(shipped) == 3
    for file in shipped:
        read = Gate.parse(json.loads(file.read_text(encoding="utf-8"))["weights"])
        assert all(math.isfinite(one) for row in read.rows["length"] for one in row)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "[]",
        '{"weights": 1}',
        '{"weights": {"format": 2}}',
        '{"weights": {"format": 1, "rows": {}}}',
    ],
)
def test_damaged_weights_give_way_to_those_of_any_model(tmp_path: Path, damaged: str) -> None:
    (tmp_path / mixtures.FILE).write_text(damaged, encoding="utf-8")
    found, problem = mixtures.find(tmp_path, {})
    assert found.gate.rows == mixtures.Mixture().gate.rows
    assert "bench calibrate" in problem
