"""Tiny checkpoints in the layouts that readers know beside Hugging Face's: GPT-NeoX's own, and GGUF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from polylsp.export import pickling
from polylsp.export.stored import Stored
from tests import tinies

Arrays = dict[str, np.ndarray[Any, Any]]
_KINDS = {"float32": "F32", "float16": "F16", "uint8": "U8"}


def stored(arrays: Mapping[str, Any]) -> dict[str, Stored]:
    """Arrays that are in memory, as what writers take."""
    return {
        name: Stored(array.shape, partial(np.asarray, array), _KINDS[str(array.dtype)])
        for name, array in arrays.items()
    }


def pickled(folder: Path, tiny: tinies.Tiny = tinies.NEOX) -> Path:
    """A Hugging Face folder with its weights as torch would have pickled them. Returns `folder`."""
    tinies.checkpoint(folder, tiny)
    file = folder / "model.safetensors"
    pickling.write(folder / "pytorch_model.bin", stored(load_file(file)))
    file.unlink()
    return folder


_SETTINGS = """# GPT-2 pretraining setup
{
   "pipe-parallel-size": 1,
   "model-parallel-size": PARTS, # as many as there are devices

   "num-layers": 2,
   "hidden-size": 64,
   "num-attention-heads": 4,
   "max-position-embeddings": 96,
   "norm": "layernorm",
   'pos-emb': 'rotary',
   "no-weight-tying": true,
   "gpt_j_residual": PARALLEL,
   "optimizer": { "type": "Adam", "params": { "lr": 0.0006, "betas": [0.9, 0.999] } },
}
"""


def neox(folder: Path, parts: int = 1, parallel: bool = False) -> Arrays:
    """Write a checkpoint of GPT-NeoX, cut for `parts` devices; its tensors by Hugging Face's names."""
    tiny = tinies.NEOX_PARALLEL if parallel else tinies.NEOX
    arrays: Arrays = load_file(tinies.checkpoint(folder / "hf", tiny) / "model.safetensors")
    top = {
        "embed_in.weight": (0, "word_embeddings.weight"),
        "final_layer_norm.weight": (5, "norm.weight"),
        "final_layer_norm.bias": (5, "norm.bias"),
        "embed_out.weight": (6, "final_linear.weight"),
    }
    layers: dict[int, Arrays] = {}
    for name, array in arrays.items():
        short = name.removeprefix("gpt_neox.")
        if short.startswith("layers."):
            _, number, rest = short.split(".", 2)
            layers.setdefault(int(number) + 2, {})[rest] = array
        else:
            layer, rest = top[short]
            layers.setdefault(layer, {})[rest] = array
    step = folder / "checkpoints" / "global_step150000"
    (step / "configs").mkdir(parents=True)
    settings = _SETTINGS.replace("PARTS", str(parts)).replace("PARALLEL", str(parallel).lower())
    (step / "configs" / "160M.yml").write_text(settings, encoding="utf-8")
    for layer, inside in layers.items():
        for part in range(parts):
            cut = {
                name: _part(name, array, part, parts, parallel) for name, array in inside.items()
            }
            file = step / f"layer_{layer:02}-model_{part:02}-model_states.pt"
            pickling.write(file, stored(cut))
    (step / "mp_rank_00_model_states.pt").write_bytes(b"what the optimiser knew")
    return arrays


def _part(name: str, array: Any, part: int, parts: int, parallel: bool) -> Any:
    """What one device of several held."""
    if parts == 1:
        return array
    if name in ("attention.dense.weight", "mlp.dense_4h_to_h.weight"):
        return np.split(array, parts, 1)[part]
    if name in ("attention.dense.bias", "mlp.dense_4h_to_h.bias") and parallel:
        return array * (0.25, 0.75)[part]
    if "norm" in name or name.endswith(("dense.bias", "4h_to_h.bias")):
        return array
    return np.array_split(array, parts)[part]


def gguf(file: Path, tiny: tinies.Tiny, kind: str = "F32", **changes: Any) -> Arrays:
    """Write a .gguf file as llama.cpp's converter does; its tensors by Hugging Face's names."""
    import gguf as library
    from gguf.quants import quantize

    folder = tinies.checkpoint(file.parent / "hf", tiny)
    arrays: Arrays = load_file(folder / "model.safetensors")
    neox = tiny.family == "gpt_neox"
    writer = library.GGUFWriter(file, "gptneox" if neox else "llama")
    _describe(writer, tiny, neox)
    _vocabulary(writer, changes)
    for name, array in arrays.items():
        theirs = _theirs(name, neox)
        if name.endswith(("q_proj.weight", "k_proj.weight")):
            array = _paired(array, tiny.heads if "q_proj" in name else tiny.kv_heads)
        if "query_key_value" in name:
            by_head = array.reshape(tiny.heads, 3, -1, *array.shape[1:])
            array = np.concatenate([by_head[:, role] for role in range(3)]).reshape(array.shape)
        as_ = library.GGMLQuantizationType["F32" if array.ndim == 1 else kind]
        writer.add_tensor(theirs, quantize(np.ascontiguousarray(array), as_), raw_dtype=as_)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return arrays


def _describe(writer: Any, tiny: tinies.Tiny, neox: bool) -> None:
    writer.add_block_count(tiny.layers)
    writer.add_context_length(tiny.context)
    writer.add_embedding_length(tiny.hidden)
    writer.add_feed_forward_length(2 * tiny.hidden)
    writer.add_head_count(tiny.heads)
    writer.add_rope_dimension_count(int(tiny.hidden // tiny.heads * tiny.rotary))
    if neox:
        writer.add_layer_norm_eps(1e-5)
        writer.add_parallel_residual(tiny.parallel)
    else:
        writer.add_head_count_kv(tiny.kv_heads)
        writer.add_layer_norm_rms_eps(1e-6)
        writer.add_vocab_size(tinies.vocab_size())


def _vocabulary(writer: Any, changes: Mapping[str, Any]) -> None:
    model = json.loads(tinies.tokenizer_json())["model"]
    special = len(tinies.SPECIAL)
    writer.add_tokenizer_model(changes.get("model", "gpt2"))
    if pre := changes.get("pre", "gpt-2"):
        writer.add_tokenizer_pre(pre)
    writer.add_token_list(list(model["vocab"]))
    writer.add_token_types([3] * special + [1] * (len(model["vocab"]) - special))
    writer.add_token_merges([" ".join(merge) for merge in model["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)


_PARTS = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "attention.query_key_value": "attn_qkv",
    "attention.dense": "attn_output",
    "mlp.dense_h_to_4h": "ffn_up",
    "mlp.dense_4h_to_h": "ffn_down",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_TOP = {
    "embed_in": "token_embd",
    "final_layer_norm": "output_norm",
    "embed_out": "output",
    "embed_tokens": "token_embd",
    "norm": "output_norm",
    "lm_head": "output",
}


def _theirs(name: str, neox: bool) -> str:
    short = name.removeprefix("gpt_neox." if neox else "model.")
    part, _, end = short.rpartition(".")
    if part in _TOP:
        return f"{_TOP[part]}.{end}"
    _, number, inner = part.split(".", 2)
    return f"blk.{number}.{_PARTS[inner]}.{end}"


def _paired(rows: Any, heads: int) -> Any:
    """As llama.cpp's converter reorders queries and keys."""
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(rows.shape)
