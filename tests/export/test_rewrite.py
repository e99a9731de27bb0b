"""Graphs of other exporters, improved: they still say the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from polylsp.engine.backend import Logits
from polylsp.engine.backend_optimum import OptimumWeights
from polylsp.export import rewrite
from polylsp.export.quantise import Format
from tests import tinies

IDS = list(range(10, 50))


@pytest.fixture
def model(tmp_path: Path) -> onnx.ModelProto:
    return onnx.load(tinies.concatenating(tmp_path / "given.onnx"))


def logits(model: onnx.ModelProto, folder: Path, last: int = 5) -> Logits:
    onnx.save_model(model, folder / "changed.onnx")
    return OptimumWeights(folder / "changed.onnx", 96, 1).tape().extend(IDS, last)


def test_only_the_positions_that_are_asked_for_reach_the_head(
    model: onnx.ModelProto, tmp_path: Path
) -> None:
    before = logits(model, tmp_path)
    assert rewrite.keep_last(model)
    onnx.checker.check_model(model)
    assert np.allclose(logits(model, tmp_path), before, atol=1e-6)
    assert "logit_start" in OptimumWeights(tmp_path / "changed.onnx", 96, 1).inputs
    node = next(node for node in model.graph.node if node.output[0] == "logits")
    assert node.input[0] == "last_hidden"


def test_a_head_with_something_behind_it_is_found(model: onnx.ModelProto, tmp_path: Path) -> None:
    graph = model.graph
    head = next(node for node in graph.node if node.output[0] == "logits")
    head.output[0] = "raw"
    size = tinies.vocab_size()
    bias = np.random.default_rng(1).normal(0, 1, size).astype(np.float32)
    graph.initializer.append(numpy_helper.from_array(bias, "bias"))
    graph.node.append(helper.make_node("Add", ["bias", "raw"], ["biased"]))
    graph.node.append(helper.make_node("Tanh", ["biased"], ["logits"]))
    before = logits(model, tmp_path)
    assert rewrite.keep_last(model)
    assert np.allclose(logits(model, tmp_path), before, atol=1e-6)


def test_a_tied_head_is_turned_once_and_found(model: onnx.ModelProto, tmp_path: Path) -> None:
    graph = model.graph
    before = logits(model, tmp_path)
    head = next(node for node in graph.node if node.output[0] == "logits")
    stored = next(tensor for tensor in graph.initializer if tensor.name == head.input[1])
    tied = numpy_helper.from_array(np.ascontiguousarray(numpy_helper.to_array(stored).T), "tied")
    graph.initializer.remove(stored)
    graph.initializer.append(tied)
    turned = helper.make_node("Transpose", ["tied"], [head.input[1]], perm=[1, 0])
    graph.node.insert(0, turned)
    assert not rewrite.keep_last(model)
    assert rewrite.turn(model) == 1
    assert rewrite.keep_last(model)
    onnx.checker.check_model(model)
    assert np.allclose(logits(model, tmp_path), before, atol=1e-6)


def test_a_head_that_is_not_recognised_is_left_alone(model: onnx.ModelProto) -> None:
    head = next(node for node in model.graph.node if node.output[0] == "logits")
    head.op_type = "Einsum"
    before = model.SerializeToString()
    assert not rewrite.keep_last(model)
    assert model.SerializeToString() == before


@pytest.mark.parametrize(("weights", "bound"), [("int8", 0.02), ("int4", 0.2)])
def test_a_product_in_fewer_bits_is_nearly_the_same_and_smaller(
    model: onnx.ModelProto, tmp_path: Path, weights: str, bound: float
) -> None:
    before, size = logits(model, tmp_path), model.ByteSize()
    assert rewrite.pack(model, Format(weights, 32)) == 1
    error = np.sqrt(np.mean((logits(model, tmp_path) - before) ** 2)) / before.std()
    assert 0 < error < bound
    assert model.ByteSize() < 0.75 * size  # The embedding stays as it was.
    assert "head" not in {tensor.name for tensor in model.graph.initializer}


def gemm(**attributes: float) -> onnx.ModelProto:
    """y = x · W + b, by the one operation that does it all."""
    random = np.random.default_rng(0)
    shape = (8, 32) if attributes.get("transB") else (32, 8)
    constants = [
        numpy_helper.from_array(random.normal(0, 1, shape).astype(np.float32), "W"),
        numpy_helper.from_array(random.normal(0, 1, 8).astype(np.float32), "b"),
    ]
    node = helper.make_node("Gemm", ["x", "W", "b"], ["y"], name="gemm", **attributes)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 32])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", 8])
    graph = helper.make_graph([node], "gemm", [x], [y], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def computed(model: onnx.ModelProto) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    import onnxruntime as ort

    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).normal(0, 1, (5, 32)).astype(np.float32)
    result: np.ndarray[tuple[int, int], np.dtype[np.float32]] = session.run(None, {"x": x})[0]
    return result


@pytest.mark.parametrize("turned", [0, 1])
@pytest.mark.parametrize("weights", ["int8"])
def test_a_product_with_a_bias_keeps_it(turned: int, weights: str) -> None:
    model = gemm(transB=turned, alpha=1.0)
    before = computed(model)
    assert rewrite.pack(model, Format(weights, 32)) == 1
    assert np.abs(computed(model) - before).max() < 0.03 * before.std()


@pytest.mark.parametrize("attributes", [{"alpha": 0.5}, {"beta": 2.0}])
def test_a_product_with_something_more_to_it_is_left_alone(attributes: dict[str, float]) -> None:
    model = gemm(**attributes)
    before = computed(model)
    assert rewrite.pack(model, Format("int8", 32)) == 0
    assert np.array_equal(computed(model), before)


def test_rows_that_make_no_blocks_are_left_alone() -> None:
    model = gemm()
    values = numpy_helper.to_array(model.graph.initializer[0])[:24]
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(values, "W"))
    assert rewrite.pack(model, Format("int8", 32)) == 0
