"""A model's logits in plain numpy, one layer in memory at a time: slow, and simple enough to be believed.

What conversions are checked against. Exact where a runtime may approximate: GELU by the error function.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from polylsp.engine.shape import Shape
from polylsp.export.checkpoint import Checkpoint
from polylsp.export.families import Array


def logits(checkpoint: Checkpoint, token_ids: Sequence[int]) -> Array:
    """The logits after each of `token_ids`, [tokens, vocab]. Raises ModelError where a tensor is missing."""
    shape = checkpoint.shape
    embedding = checkpoint["embed.weight"]
    hidden = embedding[list(token_ids)] * np.float32(shape.embedding_scale)
    for layer in range(shape.layers):
        hidden = _layer(checkpoint, layer, hidden)
    normed = _norm(checkpoint, "norm", hidden)
    head = embedding if shape.tied else checkpoint["head.weight"]
    return (normed @ head.T) * np.float32(shape.logits_scale)


def _layer(checkpoint: Checkpoint, layer: int, hidden: Array) -> Array:
    shape = checkpoint.shape
    scale = np.float32(shape.residual_scale)
    attended = scale * _attention(checkpoint, layer, _norm(checkpoint, f"{layer}.norm1", hidden))
    middle = hidden + attended
    seen = hidden if shape.parallel_residual else middle
    normed = _norm(checkpoint, f"{layer}.norm2", seen)
    up = _linear(checkpoint, f"{layer}.up", normed)
    if shape.gated:
        gate = _linear(checkpoint, f"{layer}.gate", normed)
        inner = _activated(gate, shape.activation) * up
    else:
        inner = _activated(up, shape.activation)
    return middle + scale * _linear(checkpoint, f"{layer}.down", inner)


def _attention(checkpoint: Checkpoint, layer: int, normed: Array) -> Array:
    shape = checkpoint.shape
    count, groups = len(normed), shape.heads // shape.kv_heads
    joined = _linear(checkpoint, f"{layer}.qkv", normed)
    by_head = joined.reshape(count, -1, shape.head_dim).swapaxes(0, 1)  # [heads, tokens, head_dim]
    query, key, value = np.split(by_head, [shape.heads, shape.heads + shape.kv_heads])
    query, key = _rotated(query, shape), _rotated(key, shape)
    key, value = key.repeat(groups, 0), value.repeat(groups, 0)
    scores = query @ key.swapaxes(1, 2) * (shape.attention_scale or shape.head_dim**-0.5)
    distance = np.arange(count)[:, None] - np.arange(count)
    hidden = (distance < 0) | ((distance >= shape.window) if shape.window else False)
    scores = np.where(hidden, -np.inf, scores)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    attended = (weights @ value).swapaxes(0, 1).reshape(count, -1).astype(np.float32)
    return _linear(checkpoint, f"{layer}.out", attended)


def _rotated(heads: Array, shape: Shape) -> Array:
    """The first dimensions of each head turned by its token's place."""
    half = shape.rotary // 2
    angles = shape.angles(heads.shape[1])
    cos, sin = np.cos(angles), np.sin(angles)
    first, second, rest = np.split(heads, [half, shape.rotary], -1)
    turned = (first * cos - second * sin, second * cos + first * sin)
    return np.concatenate([*turned, rest], -1)


def _activated(x: Array, name: str) -> Array:
    if name == "silu":
        share = 1 / (1 + np.exp(-x))
    elif name == "gelu":
        error = np.array([math.erf(value) for value in x.ravel() * math.sqrt(0.5)], np.float32)
        share = (1 + error.reshape(x.shape)) / 2
    else:
        share = (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    activated: Array = x * share
    return activated


def _norm(checkpoint: Checkpoint, name: str, x: Array) -> Array:
    shape = checkpoint.shape
    centred = x if shape.rms_norm else x - x.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + np.float32(shape.norm_epsilon))
    return _with_bias(checkpoint, name, centred / spread * checkpoint[name + ".weight"])


def _linear(checkpoint: Checkpoint, name: str, x: Array) -> Array:
    return _with_bias(checkpoint, name, x @ checkpoint[name + ".weight"].T)


def _with_bias(checkpoint: Checkpoint, name: str, x: Array) -> Array:
    bias = checkpoint.get(name + ".bias")
    return x if bias is None else x + bias
