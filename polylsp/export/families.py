"""Where each family of models keeps its parts: they differ in those, not in their plan.

Knows `config.json` and the names of tensors; opens no file. `engine.shape` tells of our own names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
    kind = _stretch_kind(config)
    if kind not in _STRETCHES:
        return f"rotary scaling {kind!r}"
    if config.get("use_sliding_window"):
        return "attention that reaches less far in some layers"
    activation = config.get("hidden_act", family.activations[0])
    return "" if activation in family.activations else f"the activation {activation!r}"


_STRETCHES = ("default", "linear", "llama3")


def _rope(config: Config) -> Config:
    """What is said about rotary positions beside their base."""
    return config.get("rope_scaling") or config.get("rope_parameters") or {}


def _stretch_kind(config: Config) -> str:
    rope = _rope(config)
    return str(rope.get("rope_type") or rope.get("type") or "default")


def _stretch(config: Config) -> dict[str, Any]:
    """The fields of a shape that tell how positions are stretched."""
    rope, kind = _rope(config), _stretch_kind(config)
    if kind == "default":
        return {}
    if kind == "linear":
        return {"stretch": rope["factor"]}
    return {
        "stretch": rope["factor"],
        "stretch_low": rope["low_freq_factor"],
        "stretch_high": rope["high_freq_factor"],
        "trained": rope["original_max_position_embeddings"],
    }


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
        **_stretch(config),
    )


NEOX_NAMES = {
    "norm1": "input_layernorm",
    "qkv": "attention.query_key_value",
    "out": "attention.dense",
    "norm2": "post_attention_layernorm",
    "up": "mlp.dense_h_to_4h",
    "down": "mlp.dense_4h_to_h",
}
NEOX_TOP = {"embed": "gpt_neox.embed_in", "head": "embed_out", "norm": "gpt_neox.final_layer_norm"}


def _neox(shape: Shape, stored: Stored, name: str) -> Array | None:
    tensor = _named(stored, name, NEOX_TOP, "gpt_neox.layers.", NEOX_NAMES)
    if tensor is None or ".qkv." not in name:
        return tensor
    # Kept as [q, k, v] for each head.
    by_head = tensor.reshape(shape.heads, 3, -1, *tensor.shape[1:])
    return np.ascontiguousarray(np.moveaxis(by_head, 1, 0)).reshape(tensor.shape)


def _llama_shape(config: Config) -> Shape:
    """Llama's plan, which Mistral and Qwen 2 share to the letter."""
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
        **_stretch(config),
    )


def _mistral_shape(config: Config) -> Shape:
    # Left out, the window is Mistral 7B's; null is none.
    return replace(_llama_shape(config), window=config.get("sliding_window", 4096) or 0)


def _granite_shape(config: Config) -> Shape:
    return replace(
        _llama_shape(config),
        embedding_scale=config.get("embedding_multiplier", 1.0),
        attention_scale=config.get("attention_multiplier", 1.0),
        residual_scale=config.get("residual_multiplier", 1.0),
        logits_scale=1 / config.get("logits_scaling", 1.0),
    )


def _starcoder2_shape(config: Config) -> Shape:
    return replace(
        _llama_shape({"tie_word_embeddings": True} | config),
        rms_norm=False,
        norm_epsilon=config.get("norm_epsilon", 1e-5),
        activation=config.get("hidden_act", "gelu_pytorch_tanh"),
        gated=False,
        window=config.get("sliding_window") or 0,
    )


_LLAMA_NAMES = {
    "norm1": "input_layernorm",
    "out": "self_attn.o_proj",
    "norm2": "post_attention_layernorm",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
_STARCODER2_NAMES = _LLAMA_NAMES | {"up": "mlp.c_fc", "down": "mlp.c_proj"}
_LLAMA_TOP = {"embed": "model.embed_tokens", "head": "lm_head", "norm": "model.norm"}


def _llama(shape: Shape, stored: Stored, name: str) -> Array | None:
    names = _LLAMA_NAMES if shape.gated else _STARCODER2_NAMES
    if ".qkv." not in name:
        return _named(stored, name, _LLAMA_TOP, "model.layers.", names)
    layer, _, kind = name.split(".")
    found = [stored(f"model.layers.{layer}.self_attn.{role}_proj.{kind}") for role in "qkv"]
    parts = [tensor for tensor in found if tensor is not None]
    return np.concatenate(parts) if len(parts) == len(found) else None


def _named(
    stored: Stored, name: str, top: Mapping[str, str], layers: str, parts: Mapping[str, str]
) -> Array | None:
    """The tensor of our `name` under the name that a family gives it; None where it has no such part."""
    *layer, part, kind = name.split(".")
    if not layer:
        return stored(f"{top[part]}.{kind}")
    return stored(f"{layers}{layer[0]}.{parts[part]}.{kind}") if part in parts else None


_GELUS = ("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh")
FAMILIES = {
    "gpt_neox": Family(_neox_shape, _neox, _GELUS),
    "llama": Family(_llama_shape, _llama, ("silu",)),
    "qwen2": Family(_llama_shape, _llama, ("silu",)),
    "mistral": Family(_mistral_shape, _llama, ("silu",)),
    "granite": Family(_granite_shape, _llama, ("silu",)),
    "starcoder2": Family(_starcoder2_shape, _llama, ("gelu_pytorch_tanh", "gelu", "gelu_new")),
}
