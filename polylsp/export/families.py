"""Where each family of models keeps its parts: GPT-NeoX and Llama differ in those, not in their plan.

Knows `config.json` and the names of tensors; opens no file. `engine.shape` tells of our own names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from polylsp.engine.shape import Shape

Array = np.ndarray[Any, np.dtype[Any]]
Config = dict[str, Any]
Stored = Callable[[str], "Array | None"]  # A tensor by the checkpoint's own name.


@dataclass(frozen=True, slots=True)
class Family:
    """How to read a model of one kind."""

    shape: Callable[[Config], Shape]  # Raises KeyError for what the configuration does not say.
    find: Callable[[Shape, Stored, str], Array | None]  # A tensor by our name.
    activations: tuple[str, ...]  # Hugging Face's names; the first is the default.


def unsupported(config: Config) -> str:
    """What keeps the graph builder from reading a model with this `config.json`; "" if nothing does."""
    family = FAMILIES.get(str(config.get("model_type")))
    if family is None:
        return f"a {config.get('model_type')!r} model"
    if config.get("quantization_config"):
        return "weights that are quantised already"
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    kind = scaling.get("rope_type") or scaling.get("type") or "default"
    if kind != "default":
        return f"rotary scaling {kind!r}"
    activation = config.get("hidden_act", family.activations[0])
    return "" if activation in family.activations else f"the activation {activation!r}"


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


def _neox(shape: Shape, stored: Stored, name: str) -> Array | None:
    if name in _NEOX_TOP:
        return stored(_NEOX_TOP[name])
    layer, part, kind = name.split(".")
    if part not in _NEOX_NAMES:
        return None
    tensor = stored(f"gpt_neox.layers.{layer}.{_NEOX_NAMES[part]}.{kind}")
    if tensor is None or part != "qkv":
        return tensor
    # Kept as [q, k, v] for each head.
    by_head = tensor.reshape(shape.heads, 3, -1, *tensor.shape[1:])
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


def _llama(_: Shape, stored: Stored, name: str) -> Array | None:
    if name in _LLAMA_TOP:
        return stored(_LLAMA_TOP[name])
    if name == "norm.bias":
        return None
    layer, part, kind = name.split(".")
    if part != "qkv":
        return stored(f"model.layers.{layer}.{_LLAMA_NAMES[part]}.{kind}")
    found = [stored(f"model.layers.{layer}.self_attn.{role}_proj.{kind}") for role in "qkv"]
    parts = [tensor for tensor in found if tensor is not None]
    return np.concatenate(parts) if len(parts) == len(found) else None


FAMILIES = {
    "gpt_neox": Family(_neox_shape, _neox, ("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh")),
    "llama": Family(_llama_shape, _llama, ("silu",)),
}
