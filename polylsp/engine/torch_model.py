"""The forward pass of every `Shape`, in plain torch operations.

Knows no device, no file and no tape: tokens come in as tensors, with their places, and a key/value cache in which
they are written at those places. Rows behind them may hold anything finite; the mask leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch.nn import functional

from polylsp.engine.shape import Shape
from polylsp.errors import ModelError

Tensor = Any  # torch's own types are not known where torch is not installed.

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "silu": functional.silu,
    "gelu": functional.gelu,
    # Names of one approximation.
    "gelu_new": lambda x: functional.gelu(x, approximate="tanh"),
    "gelu_fast": lambda x: functional.gelu(x, approximate="tanh"),
    "gelu_pytorch_tanh": lambda x: functional.gelu(x, approximate="tanh"),
}


class Source(Protocol):
    """Where a network's tensors come from, by our names."""

    def get(self, name: str) -> Tensor | None:
        """A tensor as the network is to keep it; None where there is none of that name."""
        ...

    def linear(self, name: str) -> Callable[[Tensor], Tensor]:
        """x · weightᵀ + bias. Raises ModelError where there is no such weight."""
        ...


class Network:
    """The parts of a model, and how a token goes through them."""

    def __init__(self, shape: Shape, source: Source, rows: int) -> None:
        """For caches of that many rows. Raises ModelError where a tensor is missing."""
        if shape.activation not in _ACTIVATIONS:
            raise ModelError(f"the torch backend does not know the activation {shape.activation!r}")
        self.shape = shape
        self.rows = rows
        self._embedding = _wanted(source, "embed.weight")
        self._layers = [_Layer.of(shape, source, f"{at}.") for at in range(shape.layers)]
        self._norm = _Norm.of(shape, source, "norm")
        self._head = source.linear("embed" if shape.tied else "head")
        angles = torch.from_numpy(shape.angles(rows))
        self._cos, self._sin = (one.to(self.device) for one in (angles.cos(), angles.sin()))

    def cache(self) -> Tensor:
        """Key/value state for a tape: zeros, which the system hands out when they are first written."""
        shape = self.shape
        size = (shape.layers, 2, shape.kv_heads, self.rows, shape.head_dim)
        return self._embedding.new_zeros(size)

    @property
    def cache_bytes(self) -> int:
        shape = self.shape
        values = 2 * shape.layers * shape.kv_heads * self.rows * shape.head_dim
        return values * int(self._embedding.element_size())

    @property
    def device(self) -> Any:
        return self._embedding.device

    def mask(self, places: Tensor, length: int) -> Tensor:
        """Which of the first `length` rows a token at each of `places` sees, [tokens, length]."""
        rows = torch.arange(length, device=places.device)
        seen = rows <= places[:, None]
        if self.shape.window:
            seen &= rows > places[:, None] - self.shape.window
        return seen

    def run(self, ids: Tensor, places: Tensor, cache: Tensor, seen: Tensor, last: int) -> Tensor:
        """The float32 logits after each of the last `last` tokens.

        `seen` is their mask; attention reaches over as many rows of the cache as it is long.
        """
        shape = self.shape
        cos, sin = self._cos[places], self._sin[places]
        # Heads that share keys and values ask as if they were more tokens: nothing is copied for them.
        seen = seen.repeat(shape.heads // shape.kv_heads, 1)
        x = functional.embedding(ids, self._embedding) * shape.embedding_scale
        for layer, state in zip(self._layers, cache, strict=True):
            normed = layer.norm1(x)
            attended = self._attend(layer, normed, (cos, sin), state, places, seen)
            attended = layer.out(attended) * shape.residual_scale
            between = x if shape.parallel_residual else x + attended
            mixed = self._mix(layer, layer.norm2(between)) * shape.residual_scale
            x = between + mixed
            if shape.parallel_residual:
                x = x + attended
        return self._head(self._norm(x[-last:])).float() * shape.logits_scale

    def _attend(
        self,
        layer: _Layer,
        x: Tensor,
        rotation: tuple[Tensor, Tensor],
        state: Tensor,
        places: Tensor,
        seen: Tensor,
    ) -> Tensor:
        shape, count, length = self.shape, len(x), seen.shape[-1]
        heads = layer.qkv(x).view(count, -1, shape.head_dim).transpose(0, 1)
        q, k, v = heads.split([shape.heads, shape.kv_heads, shape.kv_heads])
        state[0].index_copy_(1, places, _rotated(k, *rotation))
        state[1].index_copy_(1, places, v)
        q = _rotated(q, *rotation).reshape(1, shape.kv_heads, -1, shape.head_dim)
        keys, values = state[:, None, :, :length]
        scale = shape.attention_scale or None  # None is 1 / √head_dim.
        found = functional.scaled_dot_product_attention(q, keys, values, seen, scale=scale)
        by_head = found.reshape(shape.heads, count, shape.head_dim)
        return by_head.transpose(0, 1).reshape(count, -1)

    def _mix(self, layer: _Layer, x: Tensor) -> Tensor:
        act = _ACTIVATIONS[self.shape.activation]
        if layer.gate is None:
            return layer.down(act(layer.up(x)))
        return layer.down(act(layer.gate(x)) * layer.up(x))


@dataclass(frozen=True, slots=True)
class _Norm:
    """LayerNorm, or RMSNorm."""

    rms: bool
    epsilon: float
    weight: Tensor
    bias: Tensor | None

    @classmethod
    def of(cls, shape: Shape, source: Source, name: str) -> _Norm:
        weight, bias = _wanted(source, name + ".weight"), source.get(name + ".bias")
        return cls(shape.rms_norm, shape.norm_epsilon, weight, bias)

    def __call__(self, x: Tensor) -> Tensor:
        if self.rms:
            return functional.rms_norm(x, self.weight.shape, self.weight, self.epsilon)
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The parts of one layer."""

    norm1: _Norm
    qkv: Callable[[Tensor], Tensor]
    out: Callable[[Tensor], Tensor]
    norm2: _Norm
    gate: Callable[[Tensor], Tensor] | None
    up: Callable[[Tensor], Tensor]
    down: Callable[[Tensor], Tensor]

    @classmethod
    def of(cls, shape: Shape, source: Source, at: str) -> _Layer:
        return cls(
            norm1=_Norm.of(shape, source, at + "norm1"),
            qkv=source.linear(at + "qkv"),
            out=source.linear(at + "out"),
            norm2=_Norm.of(shape, source, at + "norm2"),
            gate=source.linear(at + "gate") if shape.gated else None,
            up=source.linear(at + "up"),
            down=source.linear(at + "down"),
        )


def _rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """The first dimensions of each head turned by its token's angles, in float32; the rest as they were."""
    half = cos.shape[-1]
    one, other = x[..., :half], x[..., half : 2 * half]
    turned = torch.cat((one * cos - other * sin, other * cos + one * sin), -1).to(x.dtype)
    return torch.cat((turned, x[..., 2 * half :]), -1) if 2 * half < x.shape[-1] else turned


def _wanted(source: Source, name: str) -> Tensor:
    tensor = source.get(name)
    if tensor is None:
        raise ModelError(f"the weights lack {name!r}: export the model again")
    return tensor
