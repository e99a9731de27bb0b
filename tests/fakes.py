"""Small real models, and a model that says what a test tells it to.

`checkpoint` writes a Hugging Face folder of random weights, `exported` the model folder that our exporter
makes of it: everything in them is real but the training. `ScriptedWeights` and `scripted_model` need no
runtime at all: the answer is known, and every pass of the model is counted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.engine.backend import Backend, Logits, Weights
from polylsp.errors import BackendError
from polylsp.models.registry import Model
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer

END = "<|endoftext|>"
SPECIAL = (END, "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|path|>")  # Ids 0 to 4.
FIRST_BYTE = len(SPECIAL)  # The id of byte 0; the other bytes follow in order.
_WORDS = ("return", "self", "def", "for", "in", "    ")


@dataclass(frozen=True, slots=True)
class Tiny:
    """The shape of a tiny random model."""

    name: str
    family: str = "gpt_neox"  # Or "llama".
    parallel: bool = False  # gpt_neox: attention and MLP side by side.
    tied: bool = False
    rotary: float = 1.0  # gpt_neox: the share of each head that is rotated.
    kv_heads: int = 4  # llama: fewer than 4 share keys and values.
    biases: bool = True  # gpt_neox's attention_bias.
    hidden: int = 64
    layers: int = 2
    context: int = 96


NEOX = Tiny("neox")
NEOX_PARALLEL = Tiny("neox-parallel", parallel=True)
NEOX_TIED = Tiny("neox-tied", tied=True)
NEOX_PARTIAL = Tiny("neox-partial", parallel=True, rotary=0.25, hidden=256)
NEOX_UNBIASED = Tiny("neox-unbiased", biases=False)
LLAMA = Tiny("llama", "llama")
LLAMA_GROUPED = Tiny("llama-grouped", "llama", tied=True, kv_heads=2)
TINIES = (
    NEOX,
    NEOX_PARALLEL,
    NEOX_TIED,
    NEOX_PARTIAL,
    NEOX_UNBIASED,
    LLAMA,
    LLAMA_GROUPED,
)
HEADS = 4


def checkpoint(folder: Path, tiny: Tiny = NEOX, dtype: Any = np.float32) -> Path:
    """Write a random model of that shape as a Hugging Face folder; always the same one. Returns `folder`."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = neox_config(tiny) if tiny.family == "gpt_neox" else llama_config(tiny)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shapes = _neox_shapes(tiny) if tiny.family == "gpt_neox" else _llama_shapes(tiny)
    save_file(
        {name: value.astype(dtype) for name, value in _random(shapes).items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    (folder / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    return folder


def exported(folder: Path, tiny: Tiny = NEOX, weights: str = "fp32", block: int = 32) -> Path:
    """Write a random model as our exporter does: `folder/source` → `folder/model`. Returns the latter."""
    from polylsp.export.convert import Options, convert
    from polylsp.export.quantise import Format

    source, destination = checkpoint(folder / "source", tiny), folder / "model"
    convert(source, destination, Options(Format(weights, block), tiny.name, "MIT"), lambda _: None)
    return destination


def neox_config(tiny: Tiny) -> dict[str, Any]:
    return {
        "architectures": ["GPTNeoXForCausalLM"],
        "model_type": "gpt_neox",
        "bos_token_id": 0,
        "eos_token_id": 0,
        "vocab_size": vocab_size(),
        "hidden_size": tiny.hidden,
        "intermediate_size": 2 * tiny.hidden,
        "num_attention_heads": HEADS,
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
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "bos_token_id": 0,
        "eos_token_id": 0,
        "vocab_size": vocab_size(),
        "hidden_size": tiny.hidden,
        "intermediate_size": 2 * tiny.hidden,
        "num_attention_heads": HEADS,
        "num_key_value_heads": tiny.kv_heads,
        "num_hidden_layers": tiny.layers,
        "max_position_embeddings": tiny.context,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": tiny.tied,
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
    hidden, narrow = tiny.hidden, tiny.hidden // HEADS * tiny.kv_heads
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (vocab_size(), hidden),
        "model.norm.weight": (hidden,),
    }
    if not tiny.tied:
        shapes["lm_head.weight"] = (vocab_size(), hidden)
    for layer in range(tiny.layers):
        at = f"model.layers.{layer}."
        shapes |= {
            at + "input_layernorm.weight": (hidden,),
            at + "post_attention_layernorm.weight": (hidden,),
            at + "self_attn.q_proj.weight": (hidden, hidden),
            at + "self_attn.k_proj.weight": (narrow, hidden),
            at + "self_attn.v_proj.weight": (narrow, hidden),
            at + "self_attn.o_proj.weight": (hidden, hidden),
            at + "mlp.gate_proj.weight": (2 * hidden, hidden),
            at + "mlp.up_proj.weight": (2 * hidden, hidden),
            at + "mlp.down_proj.weight": (hidden, 2 * hidden),
        }
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


class ScriptedWeights(Weights):
    """Weights that know nothing: `says(token ids on the tape)` is the id that follows.

    Every pass of any tape is counted. `on_pass` is called with its number (1 is the first) before it does
    anything: set it to turn a cancel flag, to wait for an event, or to raise BackendError.
    """

    def __init__(
        self,
        says: Callable[[Sequence[int]], int],
        *,
        n_ctx: int = 1024,
        n_vocab: int = 0,
        sure: float = 0.999,
    ) -> None:
        """`sure`: the probability of what it says; the other ids share what is left evenly."""
        self.says = says
        self.n_ctx = n_ctx
        self.n_vocab = n_vocab or vocab_size()
        self.tape_bytes = 1 << 20
        self.sure = sure
        self.passes = 0  # Calls of `extend`.
        self.read = 0  # Tokens that they were given.
        self.tapes: list[ScriptedTape] = []
        self.on_pass: Callable[[int], object] = lambda number: None

    def tape(self) -> ScriptedTape:
        self.tapes.append(ScriptedTape(self))
        return self.tapes[-1]

    def logits(self, token_ids: Sequence[int]) -> Logits:
        rest = math.log((1 - self.sure) / (self.n_vocab - 1))
        logits = np.full(self.n_vocab, rest, np.float32)
        logits[self.says(token_ids)] = math.log(self.sure)
        return logits


class ScriptedTape(Backend):
    """A tape of `ScriptedWeights`; `token_ids` is what it holds."""

    def __init__(self, weights: ScriptedWeights) -> None:
        self.weights = weights
        self.n_ctx = weights.n_ctx
        self.n_past = 0
        self.token_ids: list[int] = []

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        self.weights.passes += 1
        self.weights.on_pass(self.weights.passes)
        if self.n_past + len(token_ids) > self.n_ctx:
            raise BackendError("the tape is full")
        self.weights.read += len(token_ids)
        self.token_ids += token_ids
        self.n_past = len(self.token_ids)
        ends = range(self.n_past - last + 1, self.n_past + 1)
        return np.stack([self.weights.logits(self.token_ids[:end]) for end in ends])

    def truncate(self, n_past: int) -> None:
        del self.token_ids[n_past:]
        self.n_past = len(self.token_ids)


def replying(reply: str) -> Callable[[Sequence[int]], int]:
    """For `ScriptedWeights`: say `reply`, byte by byte, then end of text.

    How much has been said is read off the tape: the longest start of `reply` that it ends with.
    """
    said = reply.encode()

    def says(token_ids: Sequence[int]) -> int:
        text = b"".join(_token_bytes()[id_] for id_ in token_ids[-len(said) :])
        for done in range(len(said), -1, -1):
            if text.endswith(said[:done]):
                break
        return FIRST_BYTE + said[done] if done < len(said) else 0

    return says


def scripted_model(folder: Path, weights: ScriptedWeights) -> Model:
    """A whole model around them, for `Completer` and what stands above it. `folder` gets a tokenizer."""
    made = tokenizer(folder)
    layout = Layout.detect(made.special, END, use_suffix=False)
    return Model("scripted", folder, made, layout, weights)


@cache
def _token_bytes() -> list[bytes]:
    spelt = {character: byte for byte, character in _byte_alphabet().items()}
    by_id = {id_: token for token, id_ in json.loads(tokenizer_json())["model"]["vocab"].items()}
    ordinary = range(FIRST_BYTE, vocab_size())
    words = {id_: bytes(spelt[character] for character in by_id[id_]) for id_ in ordinary}
    return [words.get(id_, b"") for id_ in range(vocab_size())]
