"""Every part of a model lands in the file, once, in llama.cpp's order of rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from polylsp.errors import ModelError
from polylsp.export.checkpoint import Checkpoint, load
from polylsp.export.gguf_parts import Piece, architecture, pieces, vectors
from tests import tinies


def cut(folder: Path, tiny: tinies.Tiny) -> tuple[Checkpoint, dict[str, Piece]]:
    model = load(tinies.checkpoint(folder, tiny))
    stored = {name for name in vectors(model.shape) if model.size(name) is not None}
    return model, {one.name: one for one in pieces(model.shape, 2 * tiny.hidden, stored)}


@pytest.mark.parametrize("tiny", tinies.TINIES, ids=lambda tiny: tiny.name)
def test_pieces_have_the_size_they_say(tiny: tinies.Tiny, tmp_path: Path) -> None:
    model, found = cut(tmp_path, tiny)
    for piece in found.values():
        assert piece.cut(model.get(piece.source)).shape == piece.shape, piece.name


def test_every_number_of_the_checkpoint_has_a_place(tmp_path: Path) -> None:
    for tiny in (tinies.NEOX, tinies.LLAMA, tinies.LLAMA_GROUPED):
        model, found = cut(tmp_path / tiny.name, tiny)
        assert sum(int(np.prod(one.shape)) for one in found.values()) == model.parameters


def test_biases_that_neox_was_not_trained_with_are_zero(tmp_path: Path) -> None:
    model, found = cut(tmp_path, tinies.NEOX_UNBIASED)
    piece = found["blk.0.attn_qkv.bias"]
    assert not piece.cut(model.get(piece.source)).any()


def test_a_tied_neox_has_a_head_of_its_own_and_a_tied_llama_none(tmp_path: Path) -> None:
    model, found = cut(tmp_path / "neox", tinies.NEOX_TIED)
    head = found["output.weight"].cut(model.get(found["output.weight"].source))
    assert np.array_equal(head, model["embed.weight"])
    assert "output.weight" not in cut(tmp_path / "llama", tinies.LLAMA_GROUPED)[1]


def test_llamas_queries_and_keys_are_put_in_pairs() -> None:
    rows = np.arange(16, dtype=np.float32).reshape(16, 1)
    found = Piece("q", "0.qkv.weight", 0, (8, 1), turned=2).cut(rows)
    assert found.ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_a_family_of_another_layout_is_refused(tmp_path: Path) -> None:
    shape = load(tinies.checkpoint(tmp_path)).shape
    with pytest.raises(ModelError, match="'gpt2' are not known here"):
        architecture(replace(shape, family="gpt2"))
