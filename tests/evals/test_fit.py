"""Weights that are fitted: who was right is trusted, and as far as it was."""

from __future__ import annotations

import numpy as np
import pytest

from polylsp.engine.memory import Kind
from polylsp.engine.mix import ORDERS, Gate, cells
from polylsp.evals.fit import fitted
from polylsp.evals.online import learnt
from polylsp.evals.positions import Document, Positions, joined
from polylsp.evals.score import bits_per_byte, exact_match, mean_of, scored

RIGHT, WRONG = 7, 8  # Tokens.


def made(
    chance: float, kind: Kind = Kind.ABOVE, count: int = 400, language: str = "c"
) -> Positions:
    """A model that gives the right token a fifth, and a source that is right as often as `chance` says."""
    whole = np.arange(count)
    right = np.random.default_rng(count).random(count) < chance
    document = Document(language, language, "a", 0, count, count, 0, False, ())
    same = np.ones(count, np.int64)
    return Positions(
        (document,),
        *(RIGHT * same, np.log(0.2) * same, 9 * same, np.log(0.3) * same, whole % 4 == 3),
        *(whole, kind * same, 0 * same, 5 * same),
        *(whole, np.where(right, RIGHT, WRONG), same, np.log(np.where(right, 0.2, 0.1))),
    )


def cost(positions: Positions, trained: Positions) -> float:
    bits = scored(positions, fitted([trained])).bits
    return mean_of(bits_per_byte(positions.documents, bits))


def trust(gate: Gate, positions: Positions) -> float:
    """The log-odds of its matches against the model."""
    return gate.trust(cells(next(positions.matches()), 9, 0.3))


@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
def test_a_source_is_trusted_as_far_as_it_is_right(chance: float) -> None:
    """With w its share, a token costs least where w is what sets the truth's odds: computed by hand."""
    found = made(chance, count=2000)
    share = np.linspace(0, 0.999, 1000)
    truth = float((found.named == RIGHT).mean())
    best = -(truth * np.log2(0.2 * (1 - share) + share) + (1 - truth) * np.log2(0.2 * (1 - share)))
    assert cost(found, found) == pytest.approx(best.min(), abs=0.02)


def test_kinds_are_told_apart_and_languages_weigh_alike() -> None:
    good, bad = made(0.9), made(0.1, Kind.WORKSPACE)
    both = fitted([joined([good, bad])])
    assert trust(both, good) > 0 > trust(both, bad)
    # A language with a hundred times the tokens says no more than one with few.
    few, many = made(0.9, count=50, language="go"), made(0.1, count=5000)
    alike = fitted([joined([few, many])])
    apart = fitted([joined([made(0.9, count=2500, language="go"), made(0.1, count=2500)])])
    assert trust(alike, few) == pytest.approx(trust(apart, few), abs=0.3)


def test_what_no_file_at_rest_shows_is_trusted_as_its_like() -> None:
    rows = fitted([joined([made(0.9, Kind.OPEN), made(0.1, Kind.WORKSPACE)])]).rows
    for name, row in rows.items():
        for kind, like in ((Kind.DELETED, Kind.OPEN), (Kind.DEPENDENCIES, Kind.WORKSPACE)):
            assert row[kind * ORDERS] == row[like * ORDERS], name


def test_a_row_that_is_left_out_stays_nothing() -> None:
    rows = fitted([made(0.9)], without=["length"]).rows
    assert {one for row in rows["length"] for one in row} == {0.0}
    assert rows["evidence"] != fitted([made(0.9)]).rows["evidence"]


def test_several_models_share_their_weights_alike() -> None:
    good, bad = made(0.9), made(0.1)
    between = trust(fitted([good, bad]), good)
    assert trust(fitted([bad]), good) < between < trust(fitted([good]), good)


def test_a_place_is_right_where_all_is_until_the_line_ends() -> None:
    found = made(0.5, count=10)  # Two lines of four, and half of another.
    right = np.array([1, 1, 1, 1, 1, 0, 1, 1, 1, 1], bool)
    assert exact_match(found, right) == {"c": 6 / 8}


def test_weights_that_learn_follow_a_source_that_others_did_not_have() -> None:
    trained, typed = made(0.2), made(0.95)
    gate = fitted([trained])
    fixed = scored(typed, gate).bits
    learning = learnt(typed, gate)
    assert learning[:1] == pytest.approx(fixed[:1])
    assert learning[200:].mean() < fixed[200:].mean() - 0.1
