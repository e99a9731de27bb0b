"""GPT-NeoX of PolyCoder's family as a torch module; its state dict is that of GPTNeoXForCausalLM."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from polylsp.train import attention
from polylsp.train.config import Shape
from polylsp.train.loss import summed_loss

Tensor = Any  # torch's own types are not known where torch is not installed.

_SPREAD = 0.02
_BASE = 10_000.0


class NeoX(nn.Module):  # type: ignore[misc]
    """The whole model. Called with tokens and what is to be foretold, it says how wrong it is."""

    def __init__(self, shape: Shape, way: str = "documents", sure: float = 1.0) -> None:
        super().__init__()
        self.shape, self.way, self.sure = shape, way, sure
        self.gpt_neox = _Trunk(shape)
        if not shape.tied:
            self.embed_out = nn.Linear(shape.hidden, shape.vocabulary, bias=False)
        self._initialise()

    @property
    def head(self) -> Tensor:
        """The matrix that makes logits."""
        return self.gpt_neox.embed_in.weight if self.shape.tied else self.embed_out.weight

    def forward(
        self, tokens: Tensor, documents: Tensor, targets: Tensor, weights: Tensor
    ) -> Tensor:
        """The weighted sum of the targets' negative log-likelihoods; every argument is [windows, length]."""
        hidden = self.gpt_neox(tokens, attention.layout(documents, self.way))
        rows = hidden.flatten(0, 1)
        return summed_loss(rows, self.head, targets.flatten(), weights.flatten(), self.sure)

    def hidden(self, tokens: Tensor) -> Tensor:
        """What the head is given; every window is one document."""
        rows = torch.arange(len(tokens), device=tokens.device)[:, None].expand_as(tokens)
        way = "mask" if self.way == "blocks" else self.way
        return self.gpt_neox(tokens, attention.layout(rows, way))

    def logits(self, tokens: Tensor) -> Tensor:
        """Of every token of windows that are one document each."""
        return functional.linear(self.hidden(tokens), self.head)

    def _initialise(self) -> None:
        """Small, and what is added to the residual smaller with every layer that adds."""
        last = _SPREAD / math.sqrt(2 * self.shape.layers)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.ndim == 2:
                adds = name.endswith(("attention.dense.weight", "dense_4h_to_h.weight"))
                nn.init.normal_(parameter, std=last if adds else _SPREAD)


class _Trunk(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_in = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.final_layer_norm = nn.LayerNorm(shape.hidden, eps=1e-5)
        cos, sin = _angles(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, tokens: Tensor, how: Any) -> Tensor:
        length = tokens.shape[1]
        angles = self.cos[:length], self.sin[:length]
        hidden = self.embed_in(tokens)
        for layer in self.layers:
            hidden = layer(hidden, angles, how)
        return self.final_layer_norm(hidden)


class _Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = nn.LayerNorm(shape.hidden, eps=1e-5)
        self.post_attention_layernorm = nn.LayerNorm(shape.hidden, eps=1e-5)
        self.attention = _Attention(shape)
        self.mlp = _Mlp(shape)

    def forward(self, hidden: Tensor, angles: tuple[Tensor, Tensor], how: Any) -> Tensor:
        hidden = hidden + self.attention(self.input_layernorm(hidden), angles, how)
        return hidden + self.mlp(self.post_attention_layernorm(hidden))


class _Attention(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.query_key_value = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.dense = nn.Linear(shape.hidden, shape.hidden)

    def forward(self, hidden: Tensor, angles: tuple[Tensor, Tensor], how: Any) -> Tensor:
        windows, length, width = hidden.shape
        # Each head's query, key and value lie together.
        mixed = self.query_key_value(hidden).view(windows, length, self.heads, -1)
        query, key, value = mixed.transpose(1, 2).chunk(3, dim=-1)
        query, key = _rotated(query, *angles), _rotated(key, *angles)
        found = attention.attend(query, key, value, how)
        return self.dense(found.transpose(1, 2).reshape(windows, length, width))


class _Mlp(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.dense_h_to_4h = nn.Linear(shape.hidden, 4 * shape.hidden)
        self.dense_4h_to_h = nn.Linear(4 * shape.hidden, shape.hidden)

    def forward(self, hidden: Tensor) -> Tensor:
        return self.dense_4h_to_h(functional.gelu(self.dense_h_to_4h(hidden)))


def _angles(shape: Shape) -> tuple[Tensor, Tensor]:
    size = shape.hidden // shape.heads
    rates = _BASE ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = torch.arange(shape.context, dtype=torch.float64)[:, None] * rates
    both = torch.cat([angles, angles], dim=-1)
    return both.cos().float(), both.sin().float()


def _rotated(one: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    low, high = one.chunk(2, dim=-1)
    return (one * cos + torch.cat([-high, low], dim=-1) * sin).to(one.dtype)
