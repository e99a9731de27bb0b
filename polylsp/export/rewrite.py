"""Improve a graph that another exporter wrote: fewer logits, fewer bits. Its mathematics stays.

Each looks for one pattern, and leaves alone what it does not recognise.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from polylsp.errors import ModelError
from polylsp.export import quantise
from polylsp.export.families import Array
from polylsp.export.quantise import Format

_MS = "com.microsoft"
_AFTER_HEAD = ("Add", "Mul", "Div", "Cast", "Tanh")  # What models do to logits.


def keep_last(model: onnx.ModelProto) -> bool:
    """Have the head see only the positions from `logit_start` [1] on, a new input.

    False where the head is not a product with a matrix: nothing is changed then.
    """
    graph = model.graph
    makers = {output: node for node in graph.node for output in node.output}
    constants = {tensor.name: tensor.dims for tensor in graph.initializer}
    head = makers.get("logits")
    while head is not None and head.op_type in _AFTER_HEAD:
        head = next((makers[name] for name in head.input if name in makers), None)
    if head is None or head.op_type != "MatMul" or len(constants.get(head.input[1], ())) != 2:
        return False
    for name, number in (("logit_end", 2**31), ("logit_axis", 1)):
        graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [1], [number]))
    inputs = [head.input[0], "logit_start", "logit_end", "logit_axis"]
    cut = helper.make_node("Slice", inputs, ["last_hidden"], name="last_hidden")
    head.input[0] = "last_hidden"
    graph.node.insert(list(graph.node).index(head), cut)
    graph.input.append(helper.make_tensor_value_info("logit_start", TensorProto.INT64, [1]))
    return True


def turn(model: onnx.ModelProto) -> int:
    """Turn matrices once that the graph would turn at every run, as it does with tied ones; how many were."""
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    count = 0
    for node in list(graph.node):
        stored = tensors.get(node.input[0]) if node.op_type == "Transpose" else None
        if stored is None or len(stored.dims) != 2:
            continue
        turned = np.ascontiguousarray(numpy_helper.to_array(stored).T)
        graph.initializer.append(numpy_helper.from_array(turned, node.output[0]))
        graph.node.remove(node)
        count += 1
    return count


def pack(model: onnx.ModelProto, weights: Format) -> int:
    """Store the matrices of products in fewer bits; how many were. Embeddings stay as they are."""
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    packed: dict[str, quantise.Packed] = {}
    count = 0
    for node in graph.node:
        matrix = _matrix(node, tensors)
        if matrix is None:
            continue
        name = node.input[1]
        try:
            packed[name] = packed.get(name) or quantise.pack(name, matrix, weights)
        except ModelError:  # It cannot be cut into blocks.
            continue
        _replace(node, packed[name])
        count += 1
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for name, tensor in tensors.items() if name in used]
    for one in packed.values():
        kept += [numpy_helper.from_array(array, name) for name, array in one.constants.items()]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    if count:
        model.opset_import.append(helper.make_opsetid(_MS, 1))
    return count


def _matrix(node: onnx.NodeProto, tensors: dict[str, onnx.TensorProto]) -> Array | None:
    """The constant [N, K] of a node that is x · matrixᵀ (+ a bias)."""
    if node.op_type not in ("MatMul", "Gemm"):
        return None
    stored = tensors.get(node.input[1])
    if stored is None or len(stored.dims) != 2 or stored.data_type != TensorProto.FLOAT:
        return None
    settings = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    turned = settings.pop("transB", 0)
    if settings.pop("transA", 0) or any(value != 1.0 for value in settings.values()):
        return None
    matrix: Array = numpy_helper.to_array(stored)
    return matrix if turned else matrix.T


def _replace(node: onnx.NodeProto, packed: quantise.Packed) -> None:
    x, bias = node.input[0], node.input[2] if len(node.input) > 2 else ""
    attributes = packed.attributes
    made = helper.make_node(
        "MatMulNBits", packed.inputs(x, bias), node.output, node.name, domain=_MS, **attributes
    )
    node.CopyFrom(made)
