"""Write a model as an ONNX graph made for completion.

Its attention (com.microsoft.GroupQueryAttention, rotary inside) reads and writes one key/value buffer in place:
forgetting is setting a number, appending copies nothing. Inputs: input_ids [1, S], idle [1] = rows of nothing
behind the tokens in attention (0 or 1), total_sequence_length [] = rows after this call, idle ones too,
seqlens_k [1] = one less, logit_start [1] = the first position for the head, past_{k,v}_i [1, kv_heads, context
+ 1, head_dim].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper

from polylsp.engine.shape import Shape
from polylsp.export import quantise
from polylsp.export.checkpoint import Checkpoint
from polylsp.export.external import External
from polylsp.export.families import Array
from polylsp.export.quantise import Format

_MS = "com.microsoft"
_IR_VERSION = 10  # What onnxruntime 1.23, the oldest one supported, reads.
_OPSET = 18
_TANH = ("gelu_new", "gelu_fast", "gelu_pytorch_tanh")  # Names of one approximation.


def build(
    checkpoint: Checkpoint, weights: Format, external: External, say: Callable[[str], None]
) -> onnx.ModelProto:
    """The whole model as one graph, its constants in `external`.

    They are made one by one, so that a model of any size needs the memory of its largest matrix. Raises
    ModelError where a tensor is missing.
    """
    shape = checkpoint.shape
    graph = _Graph(checkpoint, weights, external)
    hidden = graph.embed("input_ids")
    normed = graph.norm("0.norm1", hidden)
    angles = shape.angles(shape.context + 1)
    rotation = graph.numbers("cos", np.cos(angles)), graph.numbers("sin", np.sin(angles))
    idle = _idle(graph)
    for layer in range(shape.layers):
        update, bias, hidden = _layer(graph, layer, normed, hidden, rotation, idle)
        if layer < shape.layers - 1:
            normed, hidden = graph.skip_norm(f"{layer + 1}.norm1", update, hidden, bias)
        else:
            normed, _ = graph.skip_norm("norm", update, hidden, bias, shape.logits_scale)
        if (layer + 1) * 10 // shape.layers > layer * 10 // shape.layers:
            say(f"packed {layer + 1} of {shape.layers} layers")
    end, axis = graph.integers("end", 2**31), graph.integers("axis", 1)
    asked = graph.node("Slice", normed, "logit_start", end, axis)
    graph.head(asked, "logits")
    return _model(graph, shape)


class _Idle(NamedTuple):
    """Names of what idle rows are made and taken away with."""

    pads: str  # As Pad takes it.
    tokens: str  # How many rows are none.


def _idle(graph: _Graph) -> _Idle:
    before, behind = graph.integers("before", 0, 0, 0, 0), graph.integers("behind", 0)
    pads = graph.node("Concat", before, "idle", behind, axis=0)
    return _Idle(pads, graph.node("Shape", "input_ids", start=1, end=2))


def _layer(
    graph: _Graph,
    layer: int,
    normed: str,
    hidden: str,
    rotation: tuple[str, str],
    idle: _Idle,
) -> tuple[str, str, str]:
    """What the layer adds to the residual, a bias still to be added with it, and the residual.

    The addition is left to the next norm, which the runtime fuses with it.
    """
    shape = graph.checkpoint.shape
    past = [f"past_k_{layer}", f"past_v_{layer}"]
    # Products of a single row are summed in another order than those of several, and sooner. With an idle row
    # behind it none is alone: a token's logits are the same bits however the tokens were cut into passes.
    rows = graph.node("Pad", graph.linear(f"{layer}.qkv", normed), idle.pads)
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
        **_reach(shape),
    )
    first, axis = graph.integers("first", 0), graph.integers("axis", 1)
    attended = graph.node("Slice", attended, first, idle.tokens, axis)
    scale = shape.residual_scale
    out = graph.linear(f"{layer}.out", attended, with_bias=False, scale=scale)
    out_bias = graph.bias(f"{layer}.out", scale)
    if shape.parallel_residual:
        second = graph.norm(f"{layer}.norm2", hidden)
    else:
        second, hidden = graph.skip_norm(f"{layer}.norm2", out, hidden, out_bias)
    inner = _activated(graph, layer, second)
    down = graph.linear(f"{layer}.down", inner, with_bias=False, scale=scale)
    if shape.parallel_residual:
        both = graph.node("Add", out, out_bias) if out_bias else out
        down = graph.node("Add", down, both)
    return down, graph.bias(f"{layer}.down", scale), hidden


def _reach(shape: Shape) -> dict[str, Any]:
    """What attention needs to be told where a family departs from the usual."""
    told: dict[str, Any] = {}
    if shape.attention_scale:
        told["scale"] = shape.attention_scale
    if 0 < shape.window < shape.context:
        told["local_window_size"] = shape.window
    return told


def _activated(graph: _Graph, layer: int, x: str) -> str:
    shape = graph.checkpoint.shape
    if shape.gated:
        gate = graph.linear(f"{layer}.gate", x)
        swish = graph.node("Mul", gate, graph.node("Sigmoid", gate))
        return graph.node("Mul", swish, graph.linear(f"{layer}.up", x))
    up = graph.linear(f"{layer}.up", x, with_bias=False)
    bias = graph.bias(f"{layer}.up")
    exact = "BiasGelu" if bias else "Gelu"
    gelu = "FastGelu" if shape.activation in _TANH else exact
    return graph.node(gelu, up, *([bias] if bias else []), domain=_MS)


def _model(graph: _Graph, shape: Shape) -> onnx.ModelProto:
    kind = TensorProto.FLOAT16 if graph.weights.half else TensorProto.FLOAT
    value = helper.make_tensor_value_info
    inputs = [
        value("input_ids", TensorProto.INT64, [1, "tokens"]),
        value("idle", TensorProto.INT64, [1]),
        value("seqlens_k", TensorProto.INT32, [1]),
        value("total_sequence_length", TensorProto.INT32, []),
        value("logit_start", TensorProto.INT64, [1]),
    ]
    outputs = [value("logits", TensorProto.FLOAT, [1, "asked", shape.vocab])]
    for layer in range(shape.layers):
        for role in "kv":
            dims: list[int | str] = [1, shape.kv_heads, "past", shape.head_dim]
            inputs.append(value(f"past_{role}_{layer}", kind, dims))
            dims[2] = "present"
            outputs.append(value(f"present_{role}_{layer}", kind, dims))
    made = helper.make_graph(graph.nodes, shape.family, inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MS, 1)]
    return helper.make_model(
        made, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="polylsp"
    )


class _Graph:
    """Nodes and constants as they are made; methods return the name of what they add."""

    def __init__(self, checkpoint: Checkpoint, weights: Format, external: External) -> None:
        self.checkpoint = checkpoint
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._external = external
        self._names: set[str] = set()
        self._float = np.float16 if weights.half else np.float32

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
            self.constants.append(self._external.tensor(name, array))
        return name

    def numbers(self, name: str, array: Array) -> str:
        """A constant as wide as what is computed with."""
        return self.constant(name, array.astype(self._float))

    def integers(self, name: str, *values: int) -> str:
        return self.constant(name, np.array(values, dtype=np.int64))

    def bias(self, name: str, scale: float = 1.0) -> str:
        """The bias of a linear part; "" where it has none."""
        bias = self.checkpoint.get(name + ".bias")
        return "" if bias is None else self.numbers(name + ".bias", _scaled(bias, scale))

    def embed(self, ids: str) -> str:
        """Rows of the embedding, by id."""
        rows = self._rows(ids)
        scale = self.checkpoint.shape.embedding_scale
        return (
            rows if scale == 1 else self.node("Mul", rows, self.numbers("scale", np.array(scale)))
        )

    def _rows(self, ids: str) -> str:
        if not self.weights.packs:
            whole = self.numbers("embed.weight", self.checkpoint["embed.weight"])
            return self.node("Gather", whole, ids)
        table = self._pack("embed", self.weights.outer)
        shape = self.checkpoint.shape
        codes, scales = table.constants
        rows = self.node("Reshape", codes, self.integers("sizes", shape.vocab, shape.hidden))
        return self.node(
            "GatherBlockQuantized",
            *(rows, ids, scales),
            domain=_MS,
            gather_axis=0,
            quantize_axis=1,
            block_size=table.attributes["block_size"],
            bits=8,
        )

    def norm(self, name: str, x: str) -> str:
        shape = self.checkpoint.shape
        op = "SimplifiedLayerNormalization" if shape.rms_norm else "LayerNormalization"
        return self.node(op, x, *self._norm_parts(name), axis=-1, epsilon=shape.norm_epsilon)

    def skip_norm(
        self, name: str, x: str, skip: str, bias: str, scale: float = 1.0
    ) -> tuple[str, str]:
        """x + bias + skip, normalised and scaled; and the sum itself."""
        shape = self.checkpoint.shape
        op = "SkipSimplifiedLayerNormalization" if shape.rms_norm else "SkipLayerNormalization"
        normed = f"{op}_{len(self.nodes)}"
        inputs = [x, skip, *self._norm_parts(name, scale), *([bias] if bias else [])]
        outputs = [normed, "", "", normed + "_sum"]
        self.node(op, *inputs, outputs=outputs, domain=_MS, epsilon=shape.norm_epsilon)
        return normed, normed + "_sum"

    def head(self, x: str, output: str) -> None:
        """Logits, in 32 bits whatever the rest is. A tied head of the embedding's bits shares its constants."""
        name = "embed" if self.checkpoint.shape.tied else "head"
        if self.weights.half:
            self.node("Cast", self.linear(name, x), outputs=[output], to=TensorProto.FLOAT)
        else:
            self.linear(name, x, output=output)

    def linear(
        self,
        name: str,
        x: str,
        with_bias: bool = True,
        scale: float = 1.0,
        output: str | None = None,
    ) -> str:
        """x · weightᵀ · scale + bias, with the weight [N, K] stored in the graph's format."""
        outputs = [output] if output else None
        bias = self.bias(name) if with_bias else ""
        if self.weights.packs:
            packed = self._pack(name, self.weights.of(name), scale)
            inputs, attributes = packed.inputs(x, bias), packed.attributes
            return self.node("MatMulNBits", *inputs, outputs=outputs, domain=_MS, **attributes)
        weight = _scaled(self.checkpoint[name + ".weight"], scale)
        turned = self.numbers(name + ".turned", weight.T)
        if not bias:
            return self.node("MatMul", x, turned, outputs=outputs)
        return self.node("Add", self.node("MatMul", x, turned), bias, outputs=outputs)

    def _pack(self, name: str, weights: Format, scale: float = 1.0) -> quantise.Packed:
        weight = _scaled(self.checkpoint[name + ".weight"], scale)
        packed = quantise.pack(name, weight, weights)
        for constant, values in packed.constants.items():
            self.constant(constant, values)
        return packed

    def _norm_parts(self, name: str, scale: float = 1.0) -> list[str]:
        weight = _scaled(self.checkpoint[name + ".weight"], scale)
        parts = [self.numbers(name + ".weight", weight)]
        bias = self.bias(name, scale)
        return [*parts, bias] if bias else parts


def _scaled(array: Array, scale: float) -> Array:
    return array if scale == 1 else array * np.float32(scale)
