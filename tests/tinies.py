"""Small real models of random weights: everything in them is real but the training.

`checkpoint` writes a Hugging Face folder, `exported` the model folder that our exporter makes of it; `gpt2`
and `concatenating` are what goes through optimum. Always the same ones, and all with one small tokenizer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.prompt.tokenizer import Tokenizer

END = "<|endoftext|>"
SPECIAL = (END, "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|path|>")  # Ids 0 to 4.
FIRST_BYTE = len(SPECIAL)  # The id of byte 0; the other bytes follow in order.
_WORDS = ("return", "self", "def", "for", "in", "    ")


@dataclass(frozen=True, slots=True)
class Tiny:
    """The shape of a tiny random model."""

    name: str
    family: str = "gpt_neox"  # Or "llama", or one that is nearly so.
    parallel: bool = False  # gpt_neox: attention and MLP side by side.
    tied: bool = False
    rotary: float = 1.0  # gpt_neox: the share of each head that is rotated.
    heads: int = 4
    kv_heads: int = 4  # llama: fewer than heads share keys and values.
    biases: bool = True  # gpt_neox's attention_bias; llama's of attention and MLP are in `more`.
    hidden: int = 64
    layers: int = 2
    context: int = 96
    head_dim: int = 0  # llama: where it is not hidden / heads.
    sharp: float = 1.0  # How much larger its logits are: the surer it is of what it says.
    more: tuple[tuple[str, object], ...] = ()  # What else config.json says.


NEOX = Tiny("neox")
NEOX_PARALLEL = Tiny("neox-parallel", parallel=True)
NEOX_TIED = Tiny("neox-tied", tied=True)
NEOX_PARTIAL = Tiny("neox-partial", parallel=True, rotary=0.25, hidden=256)
NEOX_UNBIASED = Tiny("neox-unbiased", biases=False)
NEOX_EMBEDDED = Tiny("neox-embedded", tied=True, heads=5, hidden=320, layers=6)  # As ours is.
LLAMA = Tiny("llama", "llama")
LLAMA_GROUPED = Tiny("llama-grouped", "llama", tied=True, kv_heads=2)
LLAMA_BIASED = Tiny("llama-biased", "llama", more=(("attention_bias", True), ("mlp_bias", True)))
LLAMA_WIDE = Tiny("llama-wide", "llama", kv_heads=2, head_dim=32)
LLAMA_LINEAR = Tiny(
    "llama-linear", "llama", more=(("rope_scaling", {"rope_type": "linear", "factor": 4.0}),)
)
LLAMA_3 = Tiny(
    "llama-3",
    "llama",
    more=(
        (
            "rope_scaling",
            {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 24,
            },
        ),
    ),
)
QWEN2 = Tiny("qwen2", "qwen2", tied=True, kv_heads=2, more=(("use_sliding_window", False),))
MISTRAL = Tiny("mistral", "mistral", kv_heads=2, more=(("sliding_window", 20),))
GRANITE = Tiny(
    "granite",
    "granite",
    tied=True,
    kv_heads=2,
    more=(
        ("embedding_multiplier", 6.0),
        ("attention_multiplier", 0.1),
        ("residual_multiplier", 0.4),
        ("logits_scaling", 3.0),
        ("attention_bias", True),
    ),
)
STARCODER2 = Tiny("starcoder2", "starcoder2", tied=True, kv_heads=2)
STARCODER2_WINDOW = Tiny(
    "starcoder2-window", "starcoder2", kv_heads=2, more=(("sliding_window", 20),)
)
TINIES = (
    NEOX,
    NEOX_PARALLEL,
    NEOX_TIED,
    NEOX_PARTIAL,
    NEOX_UNBIASED,
    NEOX_EMBEDDED,
    LLAMA,
    LLAMA_GROUPED,
    LLAMA_BIASED,
    LLAMA_WIDE,
    LLAMA_LINEAR,
    LLAMA_3,
    QWEN2,
    MISTRAL,
    GRANITE,
    STARCODER2,
    STARCODER2_WINDOW,
)


def checkpoint(folder: Path, tiny: Tiny = NEOX, dtype: Any = np.float32) -> Path:
    """Write a random model of that shape as a Hugging Face folder; always the same one. Returns `folder`."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = neox_config(tiny) if tiny.family == "gpt_neox" else llama_config(tiny)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shapes = _neox_shapes(tiny) if tiny.family == "gpt_neox" else _llama_shapes(tiny)
    values = _random(shapes)
    for name in {"embed_out.weight", "lm_head.weight"} & values.keys():
        values[name] *= tiny.sharp
    save_file(
        {name: value.astype(dtype) for name, value in values.items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    (folder / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    return folder


def exported(
    folder: Path, tiny: Tiny = NEOX, weights: str = "fp32", block: int = 32, target: str = "onnx"
) -> Path:
    """Write a random model as our exporter does: `folder/source` → `folder/model`. Returns the latter."""
    from polylsp.export.convert import Options
    from polylsp.export.dispatch import export
    from polylsp.export.quantise import Format

    source, destination = checkpoint(folder / "source", tiny), folder / "model"
    options = Options(Format(weights, block), tiny.name, "MIT")
    export(source, destination, target, options, lambda _: None)
    return destination


def gpt2(folder: Path) -> Path:
    """Write a random GPT-2, which our graph builder does not know. Needs transformers. Returns `folder`."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    shape = GPT2Config(
        vocab_size=vocab_size(),
        n_positions=NEOX.context,
        n_embd=64,
        n_layer=2,
        n_head=4,
        bos_token_id=0,
        eos_token_id=0,
        initializer_range=0.2,
    )
    GPT2LMHeadModel(shape).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    return folder


def concatenating(file: Path) -> Path:
    """Write a graph with the inputs and outputs of optimum's: key/value state goes in and comes back longer.

    It is no model, but its logits depend on every token before them and on their order. Returns `file`.
    """
    import onnx
    from onnx import parser

    random = np.random.default_rng(0)
    parsed = parser.parse_model(_CONCATENATING.replace("VOCAB", str(vocab_size())))
    dotted = parsed.SerializeToString().replace(
        b"_0_", b".0."
    )  # The parser takes no dots in names.
    model = onnx.ModelProto.FromString(dotted)
    for name, shape in (("embed", (vocab_size(), 32)), ("head", (32, vocab_size()))):
        values = random.normal(0, 0.5, shape).astype(np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(values, name))
    onnx.save_model(model, str(file))
    return file


_CONCATENATING = """
<ir_version: 8, opset_import: ["" : 18]>
concatenating (
  int64[batch_size, sequence_length] input_ids,
  int64[batch_size, total] attention_mask,
  int64[batch_size, sequence_length] position_ids,
  float[batch_size, 2, past_sequence_length, 16] past_key_values_0_key,
  float[batch_size, 2, past_sequence_length, 16] past_key_values_0_value
) => (
  float[batch_size, sequence_length, VOCAB] logits,
  float[batch_size, 2, total, 16] present_0_key,
  float[batch_size, 2, total, 16] present_0_value
) <
  int64[4] by_head = {0, 0, 2, 16}, int64[3] joined = {0, 0, 32}, int64[1] one = {1}, int64[1] two = {2},
  int64[1] last = {-1}, int64[2] outer = {1, 3}, int64[1] end = {2147483647}, float step = {0.05}
> {
  rows = Gather(embed, input_ids)
  places = Cast<to = 1>(position_ids)
  column = Unsqueeze(places, last)
  shift = Mul(column, step)
  hidden = Add(rows, shift)
  split = Reshape(hidden, by_head)
  keys = Transpose<perm = [0, 2, 1, 3]>(split)
  values = Tanh(keys)
  present_0_key = Concat<axis = 2>(past_key_values_0_key, keys)
  present_0_value = Concat<axis = 2>(past_key_values_0_value, values)
  both = Mul(present_0_key, present_0_value)
  seen = Cast<to = 1>(attention_mask)
  mask = Unsqueeze(seen, outer)
  shown = Mul(both, mask)
  sums = CumSum(shown, two)
  size = Shape<start = 1, end = 2>(input_ids)
  back = Neg(size)
  recent = Slice(sums, back, end, two)
  turned = Transpose<perm = [0, 2, 1, 3]>(recent)
  merged = Reshape(turned, joined)
  gate = Tanh(merged)
  mixed = Mul(gate, hidden)
  logits = MatMul(mixed, head)
}
"""


def neox_config(tiny: Tiny) -> dict[str, Any]:
    return {
        "architectures": ["GPTNeoXForCausalLM"],
        "model_type": "gpt_neox",
        "bos_token_id": 0,
        "eos_token_id": 0,
        "vocab_size": vocab_size(),
        "hidden_size": tiny.hidden,
        "intermediate_size": 2 * tiny.hidden,
        "num_attention_heads": tiny.heads,
        "num_hidden_layers": tiny.layers,
        "max_position_embeddings": tiny.context,
        "rotary_pct": tiny.rotary,
        "rotary_emb_base": 10000,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
        "use_parallel_residual": tiny.parallel,
        "tie_word_embeddings": tiny.tied,
        "attention_bias": tiny.biases,
    }


def llama_config(tiny: Tiny) -> dict[str, Any]:
    names = {"qwen2": "Qwen2", "starcoder2": "Starcoder2"}
    starcoder = tiny.family == "starcoder2"
    return {
        "architectures": [names.get(tiny.family, tiny.family.capitalize()) + "ForCausalLM"],
        "model_type": tiny.family,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "vocab_size": vocab_size(),
        "hidden_size": tiny.hidden,
        "intermediate_size": 2 * tiny.hidden,
        "num_attention_heads": tiny.heads,
        "num_key_value_heads": tiny.kv_heads,
        "num_hidden_layers": tiny.layers,
        "max_position_embeddings": tiny.context,
        "head_dim": tiny.head_dim or tiny.hidden // tiny.heads,
        "rope_theta": 10000.0,
        "hidden_act": "gelu_pytorch_tanh" if starcoder else "silu",
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": tiny.tied,
        **dict(tiny.more),
    }


def _neox_shapes(tiny: Tiny) -> dict[str, tuple[int, ...]]:
    hidden = tiny.hidden
    shapes: dict[str, tuple[int, ...]] = {
        "gpt_neox.embed_in.weight": (vocab_size(), hidden),
        "gpt_neox.final_layer_norm.weight": (hidden,),
        "gpt_neox.final_layer_norm.bias": (hidden,),
    }
    if not tiny.tied:
        shapes["embed_out.weight"] = (vocab_size(), hidden)
    for layer in range(tiny.layers):
        at = f"gpt_neox.layers.{layer}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            shapes |= {at + norm + ".weight": (hidden,), at + norm + ".bias": (hidden,)}
        for part, rows, columns, biased in (
            ("attention.query_key_value", 3 * hidden, hidden, tiny.biases),
            ("attention.dense", hidden, hidden, tiny.biases),
            ("mlp.dense_h_to_4h", 2 * hidden, hidden, True),
            ("mlp.dense_4h_to_h", hidden, 2 * hidden, True),
        ):
            shapes[at + part + ".weight"] = (rows, columns)
            if biased:
                shapes[at + part + ".bias"] = (rows,)
    return shapes


def _llama_shapes(tiny: Tiny) -> dict[str, tuple[int, ...]]:
    hidden, head_dim = tiny.hidden, tiny.head_dim or tiny.hidden // tiny.heads
    wide, narrow = head_dim * tiny.heads, head_dim * tiny.kv_heads
    starcoder, told = tiny.family == "starcoder2", dict(tiny.more)
    attention = starcoder or tiny.family == "qwen2" or bool(told.get("attention_bias"))
    out = attention and tiny.family != "qwen2"
    mlp = starcoder or bool(told.get("mlp_bias"))
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (vocab_size(), hidden)}
    if not tiny.tied:
        shapes["lm_head.weight"] = (vocab_size(), hidden)
    norms = ["model.norm"]
    linears: list[tuple[str, int, int, bool]] = []
    for layer in range(tiny.layers):
        at = f"model.layers.{layer}."
        norms += [at + "input_layernorm", at + "post_attention_layernorm"]
        linears += [
            (at + "self_attn.q_proj", wide, hidden, attention),
            (at + "self_attn.k_proj", narrow, hidden, attention),
            (at + "self_attn.v_proj", narrow, hidden, attention),
            (at + "self_attn.o_proj", hidden, wide, out),
        ]
        names = ("c_fc", "c_proj") if starcoder else ("gate_proj", "up_proj", "down_proj")
        *widening, down = (at + "mlp." + name for name in names)
        linears += [(name, 2 * hidden, hidden, mlp) for name in widening]
        linears.append((down, hidden, 2 * hidden, mlp))
    for norm in norms:
        shapes |= {norm + kind: (hidden,) for kind in (".weight", ".bias")[: 1 + starcoder]}
    for name, rows, columns, biased in linears:
        shapes[name + ".weight"] = (rows, columns)
        if biased:
            shapes[name + ".bias"] = (rows,)
    return shapes


def _random(shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray[Any, Any]]:
    """Values large enough that a part left out or in the wrong place shows in the logits."""
    random = np.random.default_rng(0)
    values = {}
    for name, shape in shapes.items():
        spread = 1 / math.sqrt(shape[-1]) if len(shape) == 2 else 0.2
        centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        values[name] = random.normal(centre, spread, shape)
    return values


@cache
def tokenizer_json() -> str:
    """A byte-level tokenizer: the special tokens, then the 256 bytes, then a few words and their starts."""
    alphabet = _byte_alphabet()
    vocab = {token: id_ for id_, token in enumerate(SPECIAL)}
    vocab |= {alphabet[byte]: FIRST_BYTE + byte for byte in range(256)}
    merges = []
    for word in _WORDS:
        spelt = "".join(alphabet[byte] for byte in word.encode())
        for length in range(2, len(spelt) + 1):
            if spelt[:length] not in vocab:
                merges.append([spelt[: length - 1], spelt[length - 1]])
                vocab[spelt[:length]] = len(vocab)
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [
        {"id": id_, "content": token, **flags, "special": True} for id_, token in enumerate(SPECIAL)
    ]
    pieces = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }
    model = {"type": "BPE", "vocab": vocab, "merges": merges}
    about = {"version": "1.0", "added_tokens": added, "model": model}
    return json.dumps(about | {"pre_tokenizer": pieces, "decoder": pieces})


def tokenizer(folder: Path) -> Tokenizer:
    """That tokenizer, by way of a file in `folder`."""
    file = folder / "tokenizer.json"
    file.write_text(tokenizer_json(), encoding="utf-8")
    return Tokenizer(file)


@cache
def vocab_size() -> int:
    return len(json.loads(tokenizer_json())["model"]["vocab"])


def _byte_alphabet() -> dict[int, str]:
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    stand_ins = {byte: chr(256 + index) for index, byte in enumerate(hidden)}
    return {byte: chr(byte) for byte in shown} | stand_ins


def bytes_of(token_ids: Sequence[int]) -> bytes:
    """What these tokens spell; special ones are nothing."""
    return b"".join(_token_bytes()[id_] for id_ in token_ids)


@cache
def _token_bytes() -> list[bytes]:
    spelt = {character: byte for byte, character in _byte_alphabet().items()}
    by_id = {id_: token for token, id_ in json.loads(tokenizer_json())["model"]["vocab"].items()}
    ordinary = range(FIRST_BYTE, vocab_size())
    words = {id_: bytes(spelt[character] for character in by_id[id_]) for id_ in ordinary}
    return [words.get(id_, b"") for id_ in range(vocab_size())]
