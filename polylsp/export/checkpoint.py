"""Read a Hugging Face folder without torch: the model's shape, and its tensors under names of our own.

GPT-NeoX and Llama differ in their parts, not in their plan: a table per family says where each part is.
Ours: embed, head, norm; and for each layer norm1, qkv, out, norm2, gate, up, down, each with .weight and
perhaps .bias. Matrices are [out, in]; qkv holds all of Q, then K, then V.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from polylsp.errors import ModelError

Array = np.ndarray[Any, np.dtype[Any]]
Config = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model is built of."""

    family: str  # Hugging Face's model_type.
    vocab: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    context: int
    rotary: int  # How many dimensions of each head are rotated.
    rotary_base: float
    rms_norm: bool  # Else LayerNorm.
    norm_epsilon: float
    activation: str  # Hugging Face's name of it.
    gated: bool  # down(act(gate(x)) · up(x)); else down(act(up(x))).
    parallel_residual: bool
    tied: bool  # The head is the embedding.


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model as trained."""

    shape: Shape
    tensors: dict[str, Array]
    find: Callable[[Checkpoint, str], Array | None]

    def __getitem__(self, name: str) -> Array:
        """A tensor by our name, as float32. Raises ModelError where the file lacks it."""
        found = self.find(self, name)
        if found is None:
            raise ModelError(f"the checkpoint lacks {name!r}: its file is incomplete")
        return found

    def get(self, name: str) -> Array | None:
        return self.find(self, name)

    @property
    def parameters(self) -> int:
        """Trained numbers; a tied head counts once."""
        return sum(tensor.size for tensor in self.tensors.values())

    def stored(self, name: str) -> Array | None:
        """A tensor by its own name."""
        tensor = self.tensors.get(name)
        return None if tensor is None else tensor.astype(np.float32)


def load(folder: Path, context: int = 0) -> Checkpoint:
    """The checkpoint in `folder`, with a context of at most `context` tokens (0: its own).

    Raises ModelError where a file is missing, broken, or describes an architecture not known here.
    """
    config = read_config(folder)
    family = config.get("model_type")
    if family not in _FAMILIES:
        known = ", ".join(_FAMILIES)
        raise ModelError(
            f"{folder} holds a {family!r} model; the graph builder knows {known}. "
            "Others go through optimum: pip install 'polylsp[optimum]'"
        )
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder} has no .safetensors file")
    tensors: dict[str, Array] = {}
    for file in files:
        try:
            tensors.update(load_file(file))
        except Exception as error:
            raise ModelError(f"{file} cannot be read ({error}): download it again") from error
    shape_of, find = _FAMILIES[family]
    try:
        shape = shape_of(config)
    except KeyError as error:
        raise ModelError(f"{folder / 'config.json'} does not say {error}") from None
    shape = replace(shape, context=min(context or shape.context, shape.context))
    return Checkpoint(shape, tensors, find)


def knows(folder: Path) -> bool:
    """Whether the model in `folder` is one that the graph builder can read. Raises ModelError."""
    return read_config(folder).get("model_type") in _FAMILIES


def read_config(folder: Path) -> Config:
    """The folder's `config.json`. Raises ModelError."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / 'config.json'} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{folder / 'config.json'} is not a JSON object")
    return config


def _rotary_base(config: Config) -> float:
    rope = config.get("rope_parameters") or {}  # Where transformers 5 keeps it.
    known = (rope.get("rope_theta"), config.get("rope_theta"), config.get("rotary_emb_base"))
    return float(next((base for base in known if base is not None), 10000))


def _neox_shape(config: Config) -> Shape:
    head_dim = config["hidden_size"] // config["num_attention_heads"]
    rope = config.get("rope_parameters") or {}
    percent = rope.get("partial_rotary_factor", config.get("rotary_pct", 0.25))
    return Shape(
        family="gpt_neox",
        vocab=config["vocab_size"],
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        kv_heads=config["num_attention_heads"],
        head_dim=head_dim,
        context=config["max_position_embeddings"],
        rotary=int(head_dim * percent),
        rotary_base=_rotary_base(config),
        rms_norm=False,
        norm_epsilon=config.get("layer_norm_eps", 1e-5),
        activation=config.get("hidden_act", "gelu"),
        gated=False,
        parallel_residual=config.get("use_parallel_residual", True),
        tied=config.get("tie_word_embeddings", False),
    )


_NEOX_NAMES = {
    "norm1": "input_layernorm",
    "qkv": "attention.query_key_value",
    "out": "attention.dense",
    "norm2": "post_attention_layernorm",
    "up": "mlp.dense_h_to_4h",
    "down": "mlp.dense_4h_to_h",
}
_NEOX_TOP = {
    "embed.weight": "gpt_neox.embed_in.weight",
    "head.weight": "embed_out.weight",
    "norm.weight": "gpt_neox.final_layer_norm.weight",
    "norm.bias": "gpt_neox.final_layer_norm.bias",
}


def _neox(checkpoint: Checkpoint, name: str) -> Array | None:
    if name in _NEOX_TOP:
        return checkpoint.stored(_NEOX_TOP[name])
    layer, part, kind = name.split(".")
    if part not in _NEOX_NAMES:
        return None
    tensor = checkpoint.stored(f"gpt_neox.layers.{layer}.{_NEOX_NAMES[part]}.{kind}")
    if tensor is None or part != "qkv":
        return tensor
    # Kept as [q, k, v] for each head.
    by_head = tensor.reshape(checkpoint.shape.heads, 3, -1, *tensor.shape[1:])
    return np.ascontiguousarray(np.moveaxis(by_head, 1, 0)).reshape(tensor.shape)


def _llama_shape(config: Config) -> Shape:
    heads = config["num_attention_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    return Shape(
        family=config["model_type"],
        vocab=config["vocab_size"],
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_dim=head_dim,
        context=config["max_position_embeddings"],
        rotary=head_dim,
        rotary_base=_rotary_base(config),
        rms_norm=True,
        norm_epsilon=config.get("rms_norm_eps", 1e-6),
        activation=config.get("hidden_act", "silu"),
        gated=True,
        parallel_residual=False,
        tied=config.get("tie_word_embeddings", False),
    )


_LLAMA_NAMES = {
    "norm1": "input_layernorm",
    "out": "self_attn.o_proj",
    "norm2": "post_attention_layernorm",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
_LLAMA_TOP = {
    "embed.weight": "model.embed_tokens.weight",
    "head.weight": "lm_head.weight",
    "norm.weight": "model.norm.weight",
}


def _llama(checkpoint: Checkpoint, name: str) -> Array | None:
    if name in _LLAMA_TOP:
        return checkpoint.stored(_LLAMA_TOP[name])
    if name == "norm.bias":
        return None
    layer, part, kind = name.split(".")
    if part != "qkv":
        return checkpoint.stored(f"model.layers.{layer}.{_LLAMA_NAMES[part]}.{kind}")
    found = [
        checkpoint.stored(f"model.layers.{layer}.self_attn.{role}_proj.{kind}") for role in "qkv"
    ]
    parts = [tensor for tensor in found if tensor is not None]
    return np.concatenate(parts) if len(parts) == len(found) else None


_FAMILIES: dict[
    str, tuple[Callable[[Config], Shape], Callable[[Checkpoint, str], Array | None]]
] = {
    "gpt_neox": (_neox_shape, _neox),
    "llama": (_llama_shape, _llama),
}
