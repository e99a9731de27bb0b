"""Where a GGUF file keeps the parts of each family, and what its header says of them.

Knows llama.cpp's names; opens no file. Its two surprises: a GPT-NeoX model has every bias and a head of its
own there, whether it was trained with them or not; and Llama's rotary embedding turns neighbouring values,
so the rows of queries and keys are in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from gguf import RopeScalingType

from polylsp.engine.shape import Shape
from polylsp.errors import ModelError
from polylsp.export.checkpoint import Checkpoint
from polylsp.export.families import Array

# Hugging Face's model_type → llama.cpp's architecture.
ARCHITECTURES = {
    "gpt_neox": "gptneox",
    "llama": "llama",
    "mistral": "llama",
    "qwen2": "qwen2",
    "granite": "granite",
    "starcoder2": "starcoder2",
}
_INTERLEAVED = ("llama", "mistral", "granite")


_STRETCHES = "stretches"  # Named as if it were a tensor of ours.


@dataclass(frozen=True, slots=True)
class Piece:
    """One tensor of the file, cut out of one of ours."""

    name: str  # In the file.
    source: str  # By our name.
    start: int
    shape: tuple[int, ...]
    turned: int = 0  # Heads whose rows are put in pairs; 0: rows stay as they are.

    def cut(self, tensor: Array | None) -> Array:
        """This piece of `tensor`; zeros where the model has none."""
        if tensor is None:
            return np.zeros(self.shape, np.float32)
        rows = tensor[self.start : self.start + self.shape[0]]
        if not self.turned:
            return rows
        halves = rows.reshape(self.turned, 2, -1, *rows.shape[1:])
        return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(self.shape)


def architecture(shape: Shape) -> str:
    """Raises ModelError where llama.cpp's layout of the family is not known here."""
    if shape.family not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ModelError(f"GGUF files of {shape.family!r} are not known here, only of {known}")
    if shape.trained and ARCHITECTURES[shape.family] != "llama":
        raise ModelError(f"llama.cpp does not stretch {shape.family!r} models as Llama 3: use onnx")
    return ARCHITECTURES[shape.family]


def tensor(model: Checkpoint, source: str) -> Array | None:
    """What pieces of that source are cut out of. Raises ModelError where the checkpoint lacks it."""
    if source == _STRETCHES:
        return _stretches(model.shape)
    return model.get(source) if source.endswith(".bias") else model[source]


def _stretches(shape: Shape) -> Array:
    """What each rotary frequency is divided by, [rotary / 2], where it is not one number for all (Llama 3)."""
    plain = replace(shape, stretch=1.0)
    divided: Array = plain.angles(2)[1] / shape.angles(2)[1]
    return divided


def describe(shape: Shape, inner: int, writer: Any) -> None:
    """The architecture's part of the header; `inner` is the width between up and down."""
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_dim)
    writer.add_value_length(shape.head_dim)
    writer.add_rope_dimension_count(shape.rotary)
    writer.add_rope_freq_base(shape.rotary_base)
    writer.add_vocab_size(shape.vocab)
    if shape.stretch != 1 and not shape.trained:
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(shape.stretch)
    if shape.rms_norm:
        writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    else:
        writer.add_layer_norm_eps(shape.norm_epsilon)
    if shape.family == "gpt_neox":
        writer.add_parallel_residual(shape.parallel_residual)
    if shape.family == "granite":
        writer.add_embedding_scale(shape.embedding_scale)
        writer.add_attention_scale(shape.attention_scale or shape.head_dim**-0.5)
        writer.add_residual_scale(shape.residual_scale)
        writer.add_logit_scale(1 / shape.logits_scale)


def pieces(shape: Shape, inner: int, stored: set[str]) -> Iterator[Piece]:
    """Every tensor of the file in order, those of one source together; `stored` are our names of vectors."""
    neox = shape.family == "gpt_neox"
    yield Piece("token_embd.weight", "embed.weight", 0, (shape.vocab, shape.hidden))
    if shape.trained:
        yield Piece("rope_freqs.weight", _STRETCHES, 0, (shape.rotary // 2,))
    for layer in range(shape.layers):
        yield from _layer(shape, layer, inner, stored)
    for kind in ("weight", "bias"):
        if f"norm.{kind}" in stored:
            yield Piece(f"output_norm.{kind}", f"norm.{kind}", 0, (shape.hidden,))
    if neox or not shape.tied:
        head = "embed.weight" if shape.tied else "head.weight"
        yield Piece("output.weight", head, 0, (shape.vocab, shape.hidden))


def vectors(shape: Shape) -> Iterator[str]:
    """Our names of all that may be there beside matrices."""
    for kind in ("weight", "bias"):
        yield f"norm.{kind}"
        for layer in range(shape.layers):
            yield from (f"{layer}.{norm}.{kind}" for norm in ("norm1", "norm2"))
    for layer in range(shape.layers):
        yield from (f"{layer}.{part}.bias" for part in ("qkv", "out", "gate", "up", "down"))


def _layer(shape: Shape, layer: int, inner: int, stored: set[str]) -> Iterator[Piece]:
    neox, hidden, attended = shape.family == "gpt_neox", shape.hidden, shape.heads * shape.head_dim
    sizes = {
        "norm1": ("attn_norm", (hidden,)),
        "out": ("attn_output", (hidden, attended)),
        "norm2": ("ffn_norm", (hidden,)),
        "gate": ("ffn_gate", (inner, hidden)),
        "up": ("ffn_up", (inner, hidden)),
        "down": ("ffn_down", (hidden, inner)),
    }
    for part in ("norm1", "qkv", "out", "norm2", "gate", "up", "down"):
        if part == "gate" and not shape.gated:
            continue
        for kind in ("weight", "bias"):
            source = f"{layer}.{part}.{kind}"
            vector = kind == "bias" or part.startswith("norm")
            if vector and source not in stored and not neox:
                continue
            if part == "qkv":
                yield from _attention(shape, layer, kind)
                continue
            name, size = sizes[part]
            yield Piece(f"blk.{layer}.{name}.{kind}", source, 0, size[:1] if vector else size)


def _attention(shape: Shape, layer: int, kind: str) -> Iterator[Piece]:
    source = f"{layer}.qkv.{kind}"
    columns = (shape.hidden,) if kind == "weight" else ()
    widths = [heads * shape.head_dim for heads in (shape.heads, shape.kv_heads, shape.kv_heads)]
    if shape.family == "gpt_neox":
        yield Piece(f"blk.{layer}.attn_qkv.{kind}", source, 0, (sum(widths), *columns))
        return
    turned = shape.family in _INTERLEAVED
    start = 0
    for role, heads, width in zip(
        "qkv", (shape.heads, shape.kv_heads, shape.kv_heads), widths, strict=True
    ):
        pairs = heads if turned and role != "v" else 0
        yield Piece(f"blk.{layer}.attn_{role}.{kind}", source, start, (width, *columns), pairs)
        start += width
