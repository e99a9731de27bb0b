"""A checkpoint → a Hugging Face folder that transformers and `polylsp export` load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from polylsp.errors import PolyError
from polylsp.export.place import place
from polylsp.train import checkpoint
from polylsp.train.checkpoint import State
from polylsp.train.config import Shape
from polylsp.train.shards import TOKENIZER

_TYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_END = "<|endoftext|>"


def export(run: Path, destination: Path, weights: str = "fp16") -> State:
    """Write the newest checkpoint of `run`; how far that was. Raises PolyError."""
    found, _ = checkpoint.configuration(run)
    newest = checkpoint.newest(run)
    if newest is None:
        raise PolyError(f"{run} has no checkpoint yet: train first")
    state, tensors, _ = checkpoint.load(newest)
    kind = _TYPES[weights]
    with place(destination) as folder:
        stored = {name: one.to(kind) for name, one in tensors.items()}
        save_file(stored, folder / "model.safetensors", {"format": "pt"})
        shutil.copyfile(run / TOKENIZER, folder / TOKENIZER)
        tokenizer = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": _END,
            "eos_token": _END,
            "clean_up_tokenization_spaces": False,
            "model_max_length": found.model.context,
        }
        _write(folder / "tokenizer_config.json", tokenizer)
        _write(folder / "special_tokens_map.json", {"bos_token": _END, "eos_token": _END})
        _write(folder / "generation_config.json", {"bos_token_id": 0, "eos_token_id": 0})
        kind_said = str(kind).removeprefix("torch.")
        _write(folder / "config.json", {**config(found.model), "torch_dtype": kind_said})
    return state


def config(shape: Shape) -> dict[str, Any]:
    """What `config.json` says."""
    return {
        "architectures": ["GPTNeoXForCausalLM"],
        "attention_bias": True,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "initializer_range": 0.02,
        "intermediate_size": 4 * shape.hidden,
        "layer_norm_eps": 1e-5,
        "max_position_embeddings": shape.context,
        "model_type": "gpt_neox",
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "rotary_emb_base": 10000,
        "rotary_pct": 1.0,
        "tie_word_embeddings": shape.tied,
        "use_cache": True,
        "use_parallel_residual": False,
        "vocab_size": shape.vocabulary,
    }


def _write(file: Path, row: dict[str, Any]) -> None:
    file.write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8", newline="\n")
