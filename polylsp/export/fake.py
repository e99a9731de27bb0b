"""PolyCoder's exact architectures with random weights, laid out as the published folders are.

For tests and benchmarks where the real weights cannot be had. Biases are random and gains of norms are not
quite 1, so that a part which a conversion loses shows in the logits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.errors import ModelError
from polylsp.export import shards, vocabulary
from polylsp.export.families import Array
from polylsp.export.stored import Stored

_CONTEXT = 2048
_VOCAB = 50_304
_SPREAD = 0.02


@dataclass(frozen=True, slots=True)
class Size:
    """What tells one PolyCoder from another."""

    layers: int
    hidden: int
    heads: int


SIZES = {
    "160M": Size(12, 768, 12),
    "0.4B": Size(24, 1024, 16),
    "2.7B": Size(32, 2560, 32),
    "tiny": Size(2, 64, 4),  # Of none that was published; for tests.
}
LAYOUTS = ("published", "headerless")
STORAGES = {"pickle": "pytorch_model.bin", "safetensors": "model.safetensors"}
DTYPES = {"fp16": "F16", "fp32": "F32"}


def make(
    folder: Path,
    size: str,
    *,
    layout: str = "published",
    storage: str = "pickle",
    dtype: str = "fp32",
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
    shard: int = shards.MOST,
) -> Path:
    """Write a model of `size` (one of SIZES) to `folder`; the same one for the same seed. Returns `folder`.

    `layout`: merges.txt with the header that the published folders have, or "headerless" as it was trained
    with. `shard`: the most bytes of one file. Raises ModelError where something is unknown, or the folder
    holds a model already.
    """
    for what, given, known in (
        ("size", size, tuple(SIZES)),
        ("layout", layout, LAYOUTS),
        ("storage", storage, tuple(STORAGES)),
        ("dtype", dtype, tuple(DTYPES)),
    ):
        if given not in known:
            raise ModelError(f"no {what} {given!r}: choose one of {', '.join(known)}")
    if (folder / "config.json").exists():
        raise ModelError(f"{folder} holds a model already: remove it, or choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    vocab, merges = vocabulary.polycoder()
    if layout == "published":  # Whose first merge was lost already.
        merges = vocabulary.with_header(merges)
    vocabulary.write_gpt2(folder, vocab, merges)
    tensors = _tensors(SIZES[size], DTYPES[dtype], seed)
    shards.write(folder, tensors, STORAGES[storage], say, shard)
    config = json.dumps(_config(SIZES[size], dtype), indent=2) + "\n"
    (folder / "config.json").write_text(config, encoding="utf-8")  # The last: it is whole now.
    return folder


def _config(size: Size, dtype: str) -> dict[str, Any]:
    return {
        "architectures": ["GPTNeoXForCausalLM"],
        "bos_token_id": 0,
        "eos_token_id": 0,
        "hidden_act": "gelu",
        "hidden_size": size.hidden,
        "initializer_range": _SPREAD,
        "intermediate_size": 4 * size.hidden,
        "layer_norm_eps": 1e-05,
        "max_position_embeddings": _CONTEXT,
        "model_type": "gpt_neox",
        "num_attention_heads": size.heads,
        "num_hidden_layers": size.layers,
        "rotary_emb_base": 10000,
        "rotary_pct": 1.0,
        "tokenizer_class": "GPT2Tokenizer",
        "torch_dtype": "float16" if dtype == "fp16" else "float32",
        "transformers_version": "4.23.1",
        "use_cache": True,
        "use_parallel_residual": False,
        "vocab_size": _VOCAB,
    }


def _tensors(size: Size, kind: str, seed: int) -> dict[str, Stored]:
    """In the order of the published folders, and with the constants that those have."""
    found: dict[str, Stored] = {}
    for name, shape in _shapes(size):
        read = partial(_random, name, shape, (seed, len(found)))
        found[name] = Stored(shape, read, kind)
        layer, second, _ = name.partition("post_attention_layernorm.bias")
        if second:
            found |= _constants(layer + "attention.", size.hidden // size.heads, kind)
    return found


def _shapes(size: Size) -> Iterator[tuple[str, tuple[int, ...]]]:
    hidden = size.hidden
    yield "gpt_neox.embed_in.weight", (_VOCAB, hidden)
    for layer in range(size.layers):
        for part, shape in (
            ("input_layernorm", (hidden,)),
            ("post_attention_layernorm", (hidden,)),
            ("attention.query_key_value", (3 * hidden, hidden)),
            ("attention.dense", (hidden, hidden)),
            ("mlp.dense_h_to_4h", (4 * hidden, hidden)),
            ("mlp.dense_4h_to_h", (hidden, 4 * hidden)),
        ):
            yield f"gpt_neox.layers.{layer}.{part}.weight", shape
            yield f"gpt_neox.layers.{layer}.{part}.bias", shape[:1]
    yield "gpt_neox.final_layer_norm.weight", (hidden,)
    yield "gpt_neox.final_layer_norm.bias", (hidden,)
    yield "embed_out.weight", (_VOCAB, hidden)


def _constants(at: str, head_dim: int, kind: str) -> dict[str, Stored]:
    """What older versions of transformers stored beside a layer's weights."""
    return {
        at + "bias": Stored((1, 1, _CONTEXT, _CONTEXT), _mask, "U8"),
        at + "masked_bias": Stored((), lambda: np.array(-1e4, np.float32), kind),
        at + "rotary_emb.inv_freq": Stored((head_dim // 2,), partial(_rotary, head_dim)),
    }


def _mask() -> Array:
    return np.tril(np.ones((1, 1, _CONTEXT, _CONTEXT), np.uint8))


def _rotary(head_dim: int) -> Array:
    return (10000.0 ** -(np.arange(0, head_dim, 2) / head_dim)).astype(np.float32)


def _random(name: str, shape: tuple[int, ...], seed: tuple[int, int]) -> Array:
    values: Array = np.random.default_rng(seed).standard_normal(shape, np.float32)
    values *= _SPREAD
    if name.endswith("norm.weight"):
        values += 1
    return values
