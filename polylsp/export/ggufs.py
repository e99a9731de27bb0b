"""A .gguf file as a checkpoint: its tensors as float32, under the names that Hugging Face gives them.

Two things are laid out otherwise there and are put back: Llama's queries and keys, whose rows llama.cpp keeps
in pairs, and GPT-NeoX's, which it sorts by role where Hugging Face sorts by head.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.errors import ModelError
from polylsp.export import gguf_config
from polylsp.export.families import Array, Config
from polylsp.export.gguf_file import Tensor, header
from polylsp.export.stored import Stored, broken

_TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
_NEOX_TOP = {
    "token_embd": "gpt_neox.embed_in",
    "output_norm": "gpt_neox.final_layer_norm",
    "output": "embed_out",
}
_LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_STARCODER2 = _LAYER | {"ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj"}
_NEOX = {
    "attn_norm": "input_layernorm",
    "attn_qkv": "attention.query_key_value",
    "attn_output": "attention.dense",
    "ffn_norm": "post_attention_layernorm",
    "ffn_up": "mlp.dense_h_to_4h",
    "ffn_down": "mlp.dense_4h_to_h",
}
_BLOCK = re.compile(r"blk\.(\d+)\.(\w+)\.(weight|bias)")
_PAIRED = ("llama", "granite")  # Whose rotary dimensions llama.cpp keeps side by side.


def files(source: Path) -> list[Path]:
    return [source]


def config(source: Path) -> Config:
    """What `config.json` would say of the model. Raises ModelError."""
    return gguf_config.config(source, header(source))


def tensors(source: Path) -> dict[str, Stored]:
    """All tensors, each read when it is asked for. Raises ModelError."""
    try:
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
    except ImportError as error:
        raise ModelError(
            f"reading {source} needs {error.name}: pip install 'polylsp[export]'"
        ) from error
    found = header(source)
    arch = gguf_config.architecture(source, found)
    heads = found.values.get(f"{arch}.attention.head_count", 1)
    kv_heads = found.values.get(f"{arch}.attention.head_count_kv", heads)
    end = source.stat().st_size
    stored: dict[str, Stored] = {}
    for tensor in found.tensors:
        try:
            kind = GGMLQuantizationType(tensor.kind)
        except ValueError:
            raise ModelError(
                f"{source} stores numbers in a way ({tensor.kind}) that is newer than the gguf library "
                "here: pip install --upgrade gguf"
            ) from None
        values, size = GGML_QUANT_SIZES[kind]
        length = math.prod(tensor.shape) // values * size
        if tensor.offset + length > end:
            raise broken(source, "it ends too early")
        name = _name(tensor.name, arch)
        order = _order(name, arch, heads, kv_heads)
        stored[name] = Stored(tensor.shape, partial(_read, source, tensor, length, kind, order))
    return stored


def _name(name: str, arch: str) -> str:
    """Hugging Face's name of a tensor; one that it has no name for keeps its own."""
    neox = arch == "gptneox"
    top = _NEOX_TOP if neox else _TOP
    part, _, end = name.rpartition(".")
    if part in top:
        return f"{top[part]}.{end}"
    parts = _NEOX if neox else _STARCODER2 if arch == "starcoder2" else _LAYER
    match = _BLOCK.fullmatch(name)
    if not match or match[2] not in parts:
        return name
    at = "gpt_neox.layers" if neox else "model.layers"
    return f"{at}.{match[1]}.{parts[match[2]]}.{match[3]}"


def _order(name: str, arch: str, heads: int, kv_heads: int) -> Callable[[Array], Array] | None:
    """What puts the rows of a tensor back where Hugging Face has them."""
    if ".query_key_value." in name:
        return partial(_by_head, heads)
    if arch in _PAIRED and ".q_proj." in name:
        return partial(_unpaired, heads)
    if arch in _PAIRED and ".k_proj." in name:
        return partial(_unpaired, kv_heads)
    return None


def _read(
    file: Path, tensor: Tensor, length: int, kind: Any, order: Callable[[Array], Array] | None
) -> Array:
    from gguf.quants import dequantize

    data = np.fromfile(file, np.uint8, length, offset=tensor.offset)
    if data.size != length:
        raise broken(file, "it ends too early")
    try:
        found = dequantize(data.reshape(*tensor.shape[:-1], -1), kind)
    except NotImplementedError as error:
        raise ModelError(
            f"{file} stores {kind.name} numbers, which are not read: choose a file of another "
            "quantisation, such as Q8_0"
        ) from error
    found = np.asarray(found, np.float32).reshape(tensor.shape)
    return order(found) if order else found


def _unpaired(heads: int, rows: Array) -> Array:
    """The rows of each head: first those that were first in their pair, then the others."""
    pairs = rows.reshape(heads, -1, 2, *rows.shape[1:])
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(rows.shape)


def _by_head(heads: int, rows: Array) -> Array:
    """Q of all heads, K of all, V of all → q, k, v of each head."""
    roles = rows.reshape(3, heads, -1, *rows.shape[1:])
    return np.ascontiguousarray(roles.swapaxes(0, 1)).reshape(rows.shape)
