"""GPT-NeoX's own checkpoints, as PolyCoder's were published first: a file a layer, and settings in YAML.

`global_step*/layer_00-model_00-model_states.pt` holds the embedding, 01 nothing, 02 and on a layer each, then
come the last norm and the head. Trained on several devices, each file is one of several parts (model_01, …).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial, reduce
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.errors import ModelError
from polylsp.export import pickles
from polylsp.export.families import Array, Config
from polylsp.export.stored import Stored

_LAYER = re.compile(r"layer_(\d+)-model_(\d+)-model_states\.pt")
_STEP = re.compile(r"global_step(\d+)")
# The parts of a matrix lie below one another, or side by side; other tensors are the same in all.
_BELOW = (
    *("embed_in.weight", "embed_out.weight", "query_key_value.weight", "query_key_value.bias"),
    *("dense_h_to_4h.weight", "dense_h_to_4h.bias"),
)
_BESIDE = ("attention.dense.weight", "dense_4h_to_h.weight")
_SUMMED = ("attention.dense.bias", "dense_4h_to_h.bias")  # Only of layers in parallel.
_TOP = {
    "word_embeddings.weight": "gpt_neox.embed_in.weight",
    "norm.weight": "gpt_neox.final_layer_norm.weight",
    "norm.bias": "gpt_neox.final_layer_norm.bias",
    "final_linear.weight": "embed_out.weight",
}


def is_neox(source: Path) -> bool:
    """Whether the folder `source` is such a checkpoint, or holds some."""
    return source.is_dir() and not (source / "config.json").exists() and bool(_steps(source))


def files(source: Path) -> list[Path]:
    """The files of the newest checkpoint in `source`."""
    return sorted(file for file in _steps(source)[-1].iterdir() if _LAYER.fullmatch(file.name))


def config(source: Path) -> Config:
    """What Hugging Face's `config.json` would say. Raises ModelError."""
    said, where = _settings(source)
    for name, known in (("pos-emb", "rotary"), ("norm", "layernorm"), ("gpt-j-tied", False)):
        if said.get(name, known) != known:
            raise ModelError(f"{where} says {name}: {said[name]}, which is no PolyCoder's")
    try:
        hidden = said["hidden-size"]
        return {
            "architectures": ["GPTNeoXForCausalLM"],
            "model_type": "gpt_neox",
            "bos_token_id": 0,
            "eos_token_id": 0,
            "hidden_act": said.get("activation", "gelu"),
            "hidden_size": hidden,
            "initializer_range": said.get("init-method-std", 0.02),
            "intermediate_size": 4 * hidden,
            "layer_norm_eps": said.get("layernorm-epsilon", 1e-5),
            "max_position_embeddings": said["max-position-embeddings"],
            "num_attention_heads": said["num-attention-heads"],
            "num_hidden_layers": said["num-layers"],
            "rotary_emb_base": said.get("rotary-emb-base", 10000),
            "rotary_pct": said.get("rotary-pct", 1.0),
            "tie_word_embeddings": not said.get("no-weight-tying", False),
            "tokenizer_class": "GPT2Tokenizer",
            "use_cache": True,
            "use_parallel_residual": said.get("gpt-j-residual", False),
            "vocab_size": tensors(source)["gpt_neox.embed_in.weight"].shape[0],
        }
    except KeyError as error:
        raise ModelError(
            f"{where} does not say {error}: give the settings it was trained with"
        ) from None


def tensors(source: Path) -> dict[str, Stored]:
    """All tensors by the names that Hugging Face gives them, their parts put together. Raises ModelError."""
    layers: dict[int, list[dict[str, Stored]]] = {}
    for file in files(source):
        number = int(_LAYER.fullmatch(file.name)[1])  # type: ignore[index]
        layers.setdefault(number, []).append(pickles.tensors(file))
    counts = {len(parts) for parts in layers.values()}
    if len(counts) > 1:
        raise ModelError(f"{source} lacks parts of some layers: download it again")
    parallel = bool(_settings(source)[0].get("gpt-j-residual", False))
    found: dict[str, Stored] = {}
    for number, parts in sorted(layers.items()):
        for name in parts[0]:
            ours = _TOP.get(name, f"gpt_neox.layers.{number - 2}.{name}")
            found[ours] = _whole(ours, [part[name] for part in parts], parallel)
    return found


def vocabulary(source: Path) -> tuple[Path, Path] | None:
    """The files of its vocabulary, vocab and merges, where they lie beside it."""
    for place in _places(source):
        vocab, merges = (sorted(place.glob(name)) for name in ("*vocab*.json", "*merges*.txt"))
        if vocab and merges:
            return vocab[0], merges[0]
    return None


def _steps(source: Path) -> list[Path]:
    """The folders of checkpoints at or in `source`, the newest last."""
    inside = [place for place in source.glob("global_step*") if _STEP.fullmatch(place.name)]
    inside.sort(key=lambda place: int(place.name.removeprefix("global_step")))
    return [place for place in [source, *inside] if any(place.glob("layer_00-model_*"))]


def _places(source: Path) -> list[Path]:
    """Where settings and vocabulary may lie, the likeliest first."""
    step = _steps(source)[-1]
    near = [step, step.parent, step.parent.parent]
    return [place for one in near for place in (one / "configs", one)]


def _settings(source: Path) -> tuple[dict[str, Any], Path]:
    """The settings of the training, names with hyphens, and the file or folder that says them."""
    layers = sum(1 for file in files(source) if file.name.endswith("model_00-model_states.pt")) - 3
    for place in _places(source):
        said: dict[str, Any] = {}
        for file in sorted([*place.glob("*.yml"), *place.glob("*.yaml")]):
            one = _read(file.read_text(encoding="utf-8"))
            if one.get("num-layers", layers) in (layers, layers + 1):  # A tied head has no file.
                said |= one
        if "num-layers" in said:
            return said, place
    raise ModelError(
        f"{source} comes without the settings of its training (a .yml file that says num-layers): "
        "put it beside the checkpoint, or into `configs`"
    )


_COMMENT = re.compile(r"(?m)#.*$")
_PAIR = re.compile(r"""["']?([\w-]+)["']?\s*:\s*["']?([^\s"',{}\[\]][^"',{}\[\]\n]*)""")


def _read(text: str) -> dict[str, Any]:
    """The plain values of such a file; what is nested in it is of no interest here."""
    pairs = _PAIR.findall(_COMMENT.sub("", text))
    return {name.replace("_", "-"): _value(value.strip()) for name, value in pairs}


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _whole(name: str, parts: list[Stored], parallel: bool) -> Stored:
    if len(parts) == 1:
        return parts[0]
    first = parts[0].shape
    if name.endswith(_BELOW):
        shape = (sum(part.shape[0] for part in parts), *first[1:])
        return Stored(shape, partial(_joined, parts, np.concatenate), parts[0].kind)
    if name.endswith(_BESIDE):
        shape = (first[0], sum(part.shape[1] for part in parts))
        return Stored(shape, partial(_joined, parts, np.hstack), parts[0].kind)
    if name.endswith(_SUMMED) and parallel:
        # Each device adds its own to a sum that is taken once for attention and MLP together.
        return Stored(first, partial(_joined, parts, partial(reduce, np.add)), parts[0].kind)
    return parts[0]


def _joined(parts: list[Stored], join: Callable[[list[Array]], Array]) -> Array:
    return join([part.read() for part in parts])
