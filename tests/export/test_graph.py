"""Our graphs compute what the architecture's papers, and transformers, say."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file

from polylsp.engine.backend import Logits
from polylsp.engine.generate import Limits, generate
from polylsp.engine.load import load
from polylsp.engine.session import Session
from tests import tinies

Array = np.ndarray[Any, np.dtype[Any]]
IDS = np.random.default_rng(3).integers(5, 250, 48).tolist()
NEOXES = [tiny for tiny in tinies.TINIES if tiny.family == "gpt_neox"]


def named(tiny: tinies.Tiny) -> str:
    return tiny.name


def logits(folder: Path, ids: list[int]) -> Logits:
    return load(folder).tape().extend(ids, last=len(ids))


@pytest.mark.parametrize("tiny", NEOXES, ids=named)
def test_a_neox_graph_computes_what_the_formulas_say(tiny: tinies.Tiny, tmp_path: Path) -> None:
    found = logits(tinies.exported(tmp_path, tiny), IDS)
    wanted = Formulas(tmp_path / "source").logits(IDS)
    assert np.abs(found - wanted).max() < 1e-4


class Formulas:
    """GPT-NeoX written down plainly, in float64: attention over the whole prompt, no cache, no fusion."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.tensors = {
            name: tensor.astype(np.float64)
            for name, tensor in load_file(folder / "model.safetensors").items()
        }

    def logits(self, ids: list[int]) -> Array:
        embedding = self.tensors["gpt_neox.embed_in.weight"]
        x = embedding[ids]
        for layer in range(self.config["num_hidden_layers"]):
            at = f"gpt_neox.layers.{layer}."
            attended = self.attention(at + "attention.", self.norm(at + "input_layernorm", x))
            parallel = self.config["use_parallel_residual"]
            between = x if parallel else x + attended
            mixed = self.mlp(at + "mlp.", self.norm(at + "post_attention_layernorm", between))
            x = x + attended + mixed
        head = self.tensors.get("embed_out.weight", embedding)
        result: Array = self.norm("gpt_neox.final_layer_norm", x) @ head.T
        return result

    def attention(self, at: str, x: Array) -> Array:
        count, heads = len(x), self.config["num_attention_heads"]
        qkv = self.linear(at + "query_key_value", x).reshape(count, heads, 3, -1)
        q, k, v = (np.moveaxis(qkv[:, :, part], 1, 0) for part in range(3))
        scores = self.rotated(q) @ np.swapaxes(self.rotated(k), 1, 2) / math.sqrt(q.shape[-1])
        scores[:, np.triu(np.ones((count, count), bool), 1)] = -np.inf
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = weights / weights.sum(-1, keepdims=True) @ v
        return self.linear(at + "dense", np.moveaxis(mixed, 0, 1).reshape(count, -1))

    def rotated(self, x: Array) -> Array:
        size = int(x.shape[-1] * self.config["rotary_pct"])
        steps = np.arange(0, size, 2) / size
        angles = np.outer(np.arange(x.shape[1]), self.config["rotary_emb_base"] ** -steps)
        cos, sin = np.cos(angles), np.sin(angles)
        one, other = x[..., : size // 2], x[..., size // 2 : size]
        return np.concatenate([one * cos - other * sin, other * cos + one * sin, x[..., size:]], -1)

    def mlp(self, at: str, x: Array) -> Array:
        inner = self.linear(at + "dense_h_to_4h", x)
        erf = np.vectorize(math.erf)
        return self.linear(at + "dense_4h_to_h", inner * (1 + erf(inner / math.sqrt(2))) / 2)

    def norm(self, name: str, x: Array) -> Array:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        gain, shift = self.tensors[name + ".weight"], self.tensors[name + ".bias"]
        result: Array = centred / spread * gain + shift
        return result

    def linear(self, name: str, x: Array) -> Array:
        result: Array = x @ self.tensors[name + ".weight"].T + self.tensors.get(name + ".bias", 0.0)
        return result


@pytest.mark.heavy
@pytest.mark.parametrize("tiny", tinies.TINIES, ids=named)
def test_logits_and_greedy_answers_equal_those_of_transformers(
    tiny: tinies.Tiny, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    folder = tinies.exported(tmp_path, tiny)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "source", dtype="float32").eval()
    with torch.no_grad():
        wanted = model(torch.tensor([IDS])).logits[0].numpy()
        answer = model.generate(
            torch.tensor([IDS[:8]]), max_new_tokens=30, do_sample=False, eos_token_id=None
        )
    assert np.abs(logits(folder, IDS) - wanted).max() < 1e-4
    ours = generate(Session(load(folder).tape()), IDS[:8], Limits(30))
    theirs = answer[0, 8:].tolist()
    assert list(ours.token_ids) == theirs[: len(ours.token_ids)]
    assert len(ours.token_ids) >= 10  # Loops end ours earlier.


@pytest.mark.heavy
def test_half_precision_checkpoints_equal_transformers_reading_of_them(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    from polylsp.export.convert import Options, convert
    from polylsp.export.quantise import Format

    source = tinies.checkpoint(tmp_path / "source")
    model = AutoModelForCausalLM.from_pretrained(source, dtype="bfloat16")
    model.save_pretrained(tmp_path / "bf16", max_shard_size="60KB")
    assert len(list((tmp_path / "bf16").glob("*.safetensors"))) > 1
    (tmp_path / "bf16/tokenizer.json").write_text(tinies.tokenizer_json(), encoding="utf-8")
    convert(tmp_path / "bf16", tmp_path / "model", Options(Format("fp32"), "bf16"), lambda _: None)
    with torch.no_grad():
        wanted = model.float()(torch.tensor([IDS])).logits[0].numpy()
    assert np.abs(logits(tmp_path / "model", IDS) - wanted).max() < 1e-4


@pytest.mark.parametrize("weights", ["fp32", "int8", "int4"])
def test_a_graph_is_valid_and_small_enough_to_read(weights: str, tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path, tinies.NEOX, weights)
    onnx.checker.check_model(str(folder / "model.onnx"))
    assert (folder / "model.onnx").stat().st_size < 40_000


@pytest.mark.parametrize("weights", ["int8", "int4"])
def test_a_tied_embedding_is_stored_once_where_it_can_be(weights: str, tmp_path: Path) -> None:
    def size(tiny: tinies.Tiny) -> int:
        folder = tinies.exported(tmp_path / tiny.name, tiny, weights)
        return (folder / "model.onnx.data").stat().st_size

    table = tinies.vocab_size() * tinies.NEOX.hidden
    saved = size(tinies.NEOX) - size(tinies.NEOX_TIED)
    # Eight bits a value and four bytes a block of 32; a head of four bits is not the embedding.
    assert (saved > table) == (weights == "int8")


def test_a_longer_context_than_the_models_is_not_made_up(tmp_path: Path) -> None:
    from polylsp.export import checkpoint

    source = tinies.checkpoint(tmp_path)
    assert checkpoint.load(source, 10**6).shape.context == tinies.NEOX.context
    assert checkpoint.load(source, 32).shape.context == 32
