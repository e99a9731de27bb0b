"""Graphs as optimum writes them: which can be driven, and what their state costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from polylsp.engine.backend_optimum import OptimumWeights
from polylsp.errors import BackendError, ModelError
from tests import tinies


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tinies.concatenating(tmp_path / "model.onnx")


def rename(file: Path, old: str, new: str) -> None:
    """Call something in the graph by another name of the same length."""
    assert len(old) == len(new)
    file.write_bytes(file.read_bytes().replace(old.encode(), new.encode()))


def test_the_state_of_a_full_tape_is_what_a_tape_may_take(file: Path) -> None:
    weights = OptimumWeights(file, 96, 1)
    keys_and_values, heads, head_dim = 2, 2, 16
    assert weights.tape_bytes == 4 * keys_and_values * heads * head_dim * 96
    assert weights.n_vocab == tinies.vocab_size()


def test_a_graph_without_state_is_refused(file: Path) -> None:
    rename(file, "past_key_values.", "last_key_values.")
    with pytest.raises(ModelError, match=r"cannot be driven .*last_key_values\.0\.key"):
        OptimumWeights(file, 96, 1)


def test_a_graph_with_an_input_that_nobody_knows_is_refused(file: Path) -> None:
    rename(file, "attention_mask", "attention_bias")
    with pytest.raises(ModelError, match="attention_bias"):
        OptimumWeights(file, 96, 1)


def test_state_whose_tokens_cannot_be_told_is_refused(file: Path) -> None:
    rename(file, "past_sequence_length", "kept_sequence_length")
    with pytest.raises(ModelError, match="unknown shape"):
        OptimumWeights(file, 96, 1)


def test_a_file_that_is_no_graph_is_refused(file: Path) -> None:
    file.write_bytes(b"no graph")
    with pytest.raises(ModelError, match="onnxruntime cannot load"):
        OptimumWeights(file, 96, 1)


def test_a_failed_pass_leaves_the_tape_as_it_was(file: Path) -> None:
    weights = OptimumWeights(file, 96, 1)
    tape = weights.tape()
    tape.extend([5, 6, 7])
    with pytest.raises(BackendError, match="onnxruntime failed"):
        tape.extend([10**6])
    assert tape.n_past == 3
    assert np.allclose(tape.extend([8]), weights.tape().extend([5, 6, 7, 8]), atol=1e-5)


def test_state_in_half_precision_is_fed_as_such(tmp_path: Path) -> None:
    model = onnx.parser.parse_model(_HALF)
    file = tmp_path / "half.onnx"
    onnx.save_model(
        onnx.ModelProto.FromString(model.SerializeToString().replace(b"_0_", b".0.")), file
    )
    weights = OptimumWeights(file, 8, 1)
    assert weights.tape_bytes == 2 * 4 * 8
    tape = weights.tape()
    tape.extend([1, 2])
    found = tape.extend([3])
    assert found.dtype == np.float32
    assert found.tolist() == [[3.0, 3.0, 3.0, 3.0]]


_HALF = """
<ir_version: 8, opset_import: ["" : 18]>
half (
  int64[batch_size, sequence_length] input_ids,
  float16[batch_size, 1, past_sequence_length, 4] past_key_values_0_key
) => (
  float16[batch_size, sequence_length, 4] logits,
  float16[batch_size, 1, total, 4] present_0_key
) <int64[2] places = {1, 3}, int64[1] heads = {1}, int64[4] four = {1, 1, 1, 4}> {
  numbers = Cast<to = 10>(input_ids)
  columns = Unsqueeze(numbers, places)
  rows = Expand(columns, four)
  present_0_key = Concat<axis = 2>(past_key_values_0_key, rows)
  logits = Squeeze(rows, heads)
}
"""
