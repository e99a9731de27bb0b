"""What is kept of a reading is what the engine says, and enough to say it again."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.memory import Kind
from polylsp.evals.again import Again
from polylsp.evals.positions import Positions, joined, load
from polylsp.evals.score import alone, scored
from polylsp.evals.table import flat, gate_of
from polylsp.models.registry import Model


def test_the_model_is_asked_at_every_token_of_the_stretch(
    embedded: Model, package: Path, positions: Positions
) -> None:
    document = positions.documents[0]
    ids = embedded.tokenizer.encode((package / document.file).read_text(encoding="utf-8"))
    start = len(ids) // 3
    assert positions.token[: document.end].tolist() == ids[start : start + 40]
    tape = embedded.weights.tape()
    begin = embedded.tokenizer.special["<|endoftext|>"]
    said = tape.score([begin, *ids[start - 50 : start + 40]])[-40:]
    assert positions.own[: document.end] == pytest.approx(said, abs=0.05)


def test_a_document_tells_what_was_known_around_it(positions: Positions) -> None:
    first, second = positions.documents
    assert (first.package, first.file, first.twins) == ("shop", "first.py", ("copy.py",))
    assert (first.opened, first.below, second.opened, second.below) == (2, True, 0, True)
    kinds = [set(positions.kind[slice_of(positions, one)].tolist()) for one in (first, second)]
    assert Kind.OPEN in kinds[0]
    assert Kind.WORKSPACE in kinds[1]
    assert Kind.OPEN not in kinds[1]


def slice_of(positions: Positions, document: object) -> slice:
    first, end = getattr(document, "first"), getattr(document, "end")  # noqa: B009
    return slice(*np.searchsorted(positions.at, [first, end]).tolist())


def test_flat_figures_are_those_of_the_engine(embedded: Model, positions: Positions) -> None:
    gate = embedded.mixture.gate
    found, again = scored(positions, gate), Again(positions)
    some = 0
    for at in range(len(positions)):
        token = int(positions.token[at])
        if here := again.mixed(at, gate):
            some += 1
            assert 2 ** -found.bits[at] == pytest.approx(sum(here.parts(token)), rel=1e-4)
            assert found.right[at] == (int(here.logits.argmax()) == token)
        else:
            assert found.bits[at] == pytest.approx(alone(positions).bits[at])
    assert some > 20


def test_without_any_source_the_model_is_alone(embedded: Model, positions: Positions) -> None:
    nobody = positions.only([])
    assert not len(nobody.at)
    bits = scored(nobody, embedded.mixture.gate).bits
    assert bits == pytest.approx(alone(positions).bits)
    document = positions.only([Kind.ABOVE, Kind.BELOW])
    assert set(document.kind.tolist()) == {Kind.ABOVE, Kind.BELOW}
    left = [one for one in positions.matches() if one.kind <= Kind.BELOW]
    assert list(document.matches()) == left


def test_what_was_read_is_kept_and_put_together(tmp_path: Path, positions: Positions) -> None:
    positions.save(tmp_path / "read.npz")
    again = load(tmp_path / "read.npz")
    assert same(again, positions)
    both = joined([positions, again])
    assert [one.first for one in both.documents] == [0, 40, 80, 120]
    assert list(both.matches()) == [*positions.matches(), *positions.matches()]
    assert both.at[len(positions.at) :].tolist() == (positions.at + 80).tolist()


def same(one: Positions, other: Positions) -> bool:
    return one.documents == other.documents and all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(Positions)[1:]
    )


def test_weights_are_the_same_in_a_row_and_in_rows(embedded: Model) -> None:
    gate = embedded.mixture.gate
    assert gate_of(flat(gate)).rows == gate.rows
