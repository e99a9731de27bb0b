"""Causal attention within documents: packed windows hold several, and none may see another.

Three ways to the same result, each the fastest somewhere: document by document (a processor, which then computes
nothing in vain), compiled block masks (a GPU), and a full mask (anything).
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

Tensor = Any  # torch's own types are not known where torch is not installed.

WAYS = ("documents", "blocks", "mask")


def way_of(device: str, compiled: bool) -> str:
    """The fastest on a device."""
    if device == "cpu":
        return "documents"
    return "blocks" if compiled else "mask"


def layout(documents: Tensor, way: str) -> Any:
    """What `attend` wants to know of [windows, length] document numbers; made once for all layers."""
    if way == "documents":
        return torch.unique_consecutive(documents.flatten(), return_counts=True)[1].tolist()
    windows, length = documents.shape
    if way == "mask":
        causal = torch.ones(length, length, dtype=torch.bool, device=documents.device).tril()
        return (documents[:, None, :, None] == documents[:, None, None, :]) & causal

    def seen(window: Tensor, _: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (query >= key) & (documents[window, query] == documents[window, key])

    return create_block_mask(seen, windows, None, length, length, device=str(documents.device))


def attend(query: Tensor, key: Tensor, value: Tensor, how: Any) -> Tensor:
    """[windows, heads, length, size] of each → the same."""
    if isinstance(how, list):
        return _by_document(query, key, value, how)
    if isinstance(how, torch.Tensor):
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=how)
    return flex_attention(query, key, value, block_mask=how)


def _by_document(query: Tensor, key: Tensor, value: Tensor, lengths: list[int]) -> Tensor:
    windows, heads, length, size = query.shape
    flat = [
        one.transpose(0, 1).reshape(heads, windows * length, size).split(lengths, 1)
        for one in (query, key, value)
    ]
    parts = [
        functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]
        for q, k, v in zip(*flat, strict=True)
    ]
    return torch.cat(parts, 1).reshape(heads, windows, length, size).transpose(0, 1)
