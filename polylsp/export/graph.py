"""Write a model as an ONNX graph made for completion.

Its attention (com.microsoft.GroupQueryAttention, rotary inside) reads and writes one key/value buffer in place:
forgetting is setting a number, appending copies nothing. It always sees one idle row behind the tokens. Inputs:
input_ids [1, S], seqlens_k [1] = tokens after this call, total_sequence_length [] = one more, logit_start [1] =
first position that reaches the head, past_{k,v}_i [1, kv_heads, context + 1, head_dim].
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from polylsp.engine.shape import Shape
from polylsp.export import quantise
from polylsp.export.checkpoint import Checkpoint
from polylsp.export.families import Array
from polylsp.export.quantise import Format

_MS = "com.microsoft"
_IR_VERSION = 10  # What onnxruntime 1.23, the oldest one supported, reads.
_OPSET = 18
_TANH = ("gelu_new", "gelu_fast", "gelu_pytorch_tanh")  # Names of one approximation.


def build(checkpoint: Checkpoint, weights: Format) -> onnx.ModelProto:
    """The whole model as one graph. Raises ModelError where a tensor is missing."""
    shape = checkpoint.shape
    graph = _Graph(checkpoint, weights)
    hidden = graph.embed("input_ids")
    normed = graph.norm("0.norm1", hidden)
    angles = _angles(shape)
    rotation = graph.constant("cos", np.cos(angles)), graph.constant("sin", np.sin(angles))
    for layer in range(shape.layers):
        update, bias, hidden = _layer(graph, layer, normed, hidden, rotation)
        last = layer == shape.layers - 1
        norm = "norm" if last else f"{layer + 1}.norm1"
        normed, hidden = graph.skip_norm(norm, update, hidden, bias)
    end, axis = graph.integers("end", 2**31), graph.integers("axis", 1)
    asked = graph.node("Slice", normed, "logit_start", end, axis)
    graph.linear("embed" if shape.tied else "head", asked, output="logits")
    return _model(graph, shape)


def _layer(
    graph: _Graph, layer: int, normed: str, hidden: str, rotation: tuple[str, str]
) -> tuple[str, str, str]:
    """What the layer adds to the residual, a bias still to be added with it, and the residual.

    The addition is left to the next norm, which the runtime fuses with it.
    """
    shape = graph.checkpoint.shape
    past = [f"past_k_{layer}", f"past_v_{layer}"]
    # Products of a single row are summed in another order than those of several. With an idle row behind it
    # none is alone, and a token's logits are the same bits however the tokens before it were cut into passes.
    rows = graph.node(
        "Pad", graph.linear(f"{layer}.qkv", normed), graph.integers("idle", 0, 0, 0, 0, 1, 0)
    )
    attended = graph.node(
        "GroupQueryAttention",
        *(rows, "", "", *past),
        *("seqlens_k", "total_sequence_length", *rotation),
        outputs=[f"attended_{layer}", f"present_k_{layer}", f"present_v_{layer}"],
        domain=_MS,
        num_heads=shape.heads,
        kv_num_heads=shape.kv_heads,
        do_rotary=1,
        rotary_interleaved=0,
    )
    first, idle, axis = (graph.integers(*one) for one in (("first", 0), ("last", -1), ("axis", 1)))
    attended = graph.node("Slice", attended, first, idle, axis)
    out = graph.linear(f"{layer}.out", attended, with_bias=False)
    out_bias = graph.bias(f"{layer}.out")
    if shape.parallel_residual:
        second = graph.norm(f"{layer}.norm2", hidden)
    else:
        second, hidden = graph.skip_norm(f"{layer}.norm2", out, hidden, out_bias)
    down = graph.linear(f"{layer}.down", _activated(graph, layer, second), with_bias=False)
    if shape.parallel_residual:
        both = graph.node("Add", out, out_bias) if out_bias else out
        down = graph.node("Add", down, both)
    return down, graph.bias(f"{layer}.down"), hidden


def _activated(graph: _Graph, layer: int, x: str) -> str:
    shape = graph.checkpoint.shape
    if shape.gated:
        gate = graph.linear(f"{layer}.gate", x)
        swish = graph.node("Mul", gate, graph.node("Sigmoid", gate))
        return graph.node("Mul", swish, graph.linear(f"{layer}.up", x))
    up = graph.linear(f"{layer}.up", x, with_bias=False)
    gelu = "FastGelu" if shape.activation in _TANH else "BiasGelu"
    return graph.node(gelu, up, graph.bias(f"{layer}.up"), domain=_MS)


def _angles(shape: Shape) -> Array:
    """Rotary angles, [context + 1, rotary / 2] (Su et al. 2021)."""
    steps = np.arange(0, shape.rotary, 2, dtype=np.float32) / shape.rotary
    frequencies = np.float32(shape.rotary_base) ** -steps
    return np.outer(np.arange(shape.context + 1, dtype=np.float32), frequencies).astype(np.float32)


def _model(graph: _Graph, shape: Shape) -> onnx.ModelProto:
    def value(name: str, dims: list[int | str], kind: int = TensorProto.FLOAT) -> Any:
        return helper.make_tensor_value_info(name, kind, dims)

    inputs = [
        value("input_ids", [1, "tokens"], TensorProto.INT64),
        value("seqlens_k", [1], TensorProto.INT32),
        value("total_sequence_length", [], TensorProto.INT32),
        value("logit_start", [1], TensorProto.INT64),
    ]
    outputs = [value("logits", [1, "asked", shape.vocab])]
    for layer in range(shape.layers):
        for role in "kv":
            dims: list[int | str] = [1, shape.kv_heads, "past", shape.head_dim]
            inputs.append(value(f"past_{role}_{layer}", dims))
            outputs.append(value(f"present_{role}_{layer}", [*dims[:2], "present", dims[3]]))
    made = helper.make_graph(graph.nodes, shape.family, inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MS, 1)]
    return helper.make_model(
        made, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="polylsp"
    )


class _Graph:
    """Nodes and constants as they are made; methods return the name of what they add."""

    def __init__(self, checkpoint: Checkpoint, weights: Format) -> None:
        self.checkpoint = checkpoint
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._names: set[str] = set()

    def node(
        self,
        op: str,
        *inputs: str,
        outputs: list[str] | None = None,
        domain: str = "",
        **attributes: Any,
    ) -> str:
        name = f"{op}_{len(self.nodes)}"
        outputs = outputs or [name]
        self.nodes.append(
            helper.make_node(op, inputs, outputs, name=name, domain=domain, **attributes)
        )
        return outputs[0]

    def constant(self, name: str, array: Array) -> str:
        if name not in self._names:
            self._names.add(name)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, name: str, *values: int) -> str:
        return self.constant(name, np.array(values, dtype=np.int64))

    def bias(self, name: str) -> str:
        """The bias of a linear part; "" where it has none."""
        bias = self.checkpoint.get(name + ".bias")
        return "" if bias is None else self.constant(name + ".bias", bias)

    def embed(self, ids: str) -> str:
        """Rows of the embedding, by id.

        Eight bits even where matrices have four; a tied head of eight bits reads the same constants.
        """
        table = self.checkpoint["embed.weight"]
        if self.weights.weights not in quantise.BITS:
            return self.node("Gather", self.constant("embed.weight", table), ids)
        packed = quantise.pack("embed", table, Format("int8", self.weights.block))
        codes, scales = (self.constant(*constant) for constant in packed.constants.items())
        rows = self.node("Reshape", codes, self.integers("embed.shape", *table.shape))
        return self.node(
            "GatherBlockQuantized",
            *(rows, ids, scales),
            domain=_MS,
            gather_axis=0,
            quantize_axis=1,
            block_size=packed.attributes["block_size"],
            bits=8,
        )

    def norm(self, name: str, x: str) -> str:
        shape = self.checkpoint.shape
        op = "SimplifiedLayerNormalization" if shape.rms_norm else "LayerNormalization"
        return self.node(op, x, *self._norm_parts(name), axis=-1, epsilon=shape.norm_epsilon)

    def skip_norm(self, name: str, x: str, skip: str, bias: str) -> tuple[str, str]:
        """x + bias + skip, normalised; and the sum itself."""
        shape = self.checkpoint.shape
        op = "SkipSimplifiedLayerNormalization" if shape.rms_norm else "SkipLayerNormalization"
        normed = f"{op}_{len(self.nodes)}"
        inputs = [x, skip, *self._norm_parts(name), *([bias] if bias else [])]
        outputs = [normed, "", "", normed + "_sum"]
        self.node(op, *inputs, outputs=outputs, domain=_MS, epsilon=shape.norm_epsilon)
        return normed, normed + "_sum"

    def linear(self, name: str, x: str, with_bias: bool = True, output: str | None = None) -> str:
        """x · weightᵀ + bias, with the weight [N, K] stored in the graph's format."""
        weight = self.checkpoint[name + ".weight"]
        outputs = [output] if output else None
        bias = self.bias(name) if with_bias and name not in ("embed", "head") else ""
        if self.weights.packs:
            packed = quantise.pack(name, weight, self.weights)
            for constant, values in packed.constants.items():
                self.constant(constant, values)
            inputs, attributes = packed.inputs(x, bias), packed.attributes
            return self.node(packed.op, *inputs, outputs=outputs, domain=_MS, **attributes)
        turned = self.constant(name + ".turned", weight.T)
        if not bias:
            return self.node("MatMul", x, turned, outputs=outputs)
        return self.node("Add", self.node("MatMul", x, turned), bias, outputs=outputs)

    def _norm_parts(self, name: str) -> list[str]:
        parts = [self.constant(name + ".weight", self.checkpoint[name + ".weight"])]
        bias = self.checkpoint.get(name + ".bias")
        return parts if bias is None else [*parts, self.constant(name + ".bias", bias)]
