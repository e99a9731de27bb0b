"""What a `config.json` would say of the model in a .gguf file."""

from __future__ import annotations

from pathlib import Path

from polylsp.errors import ModelError
from polylsp.export.families import Config
from polylsp.export.gguf_file import Header
from polylsp.export.stored import broken

# Architecture → Hugging Face's model_type.
KINDS = {
    "gptneox": "gpt_neox",
    "llama": "llama",
    "granite": "granite",
    "qwen2": "qwen2",
    "starcoder2": "starcoder2",
}


def architecture(source: Path, header: Header) -> str:
    """One of KINDS. Raises ModelError where the file holds none of them."""
    arch = header.values.get("general.architecture")
    if arch not in KINDS:
        raise ModelError(
            f"{source} holds a {arch!r} model; of .gguf files, {', '.join(KINDS)} can be read: "
            "export it from its Hugging Face folder"
        )
    return str(arch)


def config(source: Path, header: Header) -> Config:
    """The configuration of the model in `source`. Raises ModelError."""
    arch = architecture(source, header)
    # A name without its architecture is enough here.
    said = {name.removeprefix(arch + "."): value for name, value in header.values.items()}
    shapes = {tensor.name: tensor.shape for tensor in header.tensors}
    try:
        found = _common(said) | _SPECIFIC[arch](said)
        found["vocab_size"] = shapes["token_embd.weight"][0]
    except KeyError as error:
        raise broken(source, f"it does not say {error}") from None
    found["model_type"] = KINDS[arch]
    found["tie_word_embeddings"] = "output.weight" not in shapes
    if "rope_freqs.weight" in shapes:
        found["rope_scaling"] = {"rope_type": "by a table of frequencies"}
    return found


def _common(said: Config) -> Config:
    found = {
        "hidden_size": said["embedding_length"],
        "intermediate_size": said["feed_forward_length"],
        "num_hidden_layers": said["block_count"],
        "num_attention_heads": said["attention.head_count"],
        "max_position_embeddings": said["context_length"],
        "bos_token_id": said.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": said.get("tokenizer.ggml.eos_token_id"),
        "rope_theta": said.get("rope.freq_base", 10000.0),
    }
    scaling = said.get("rope.scaling.type", "none")
    if scaling != "none":
        factor = said.get("rope.scaling.factor", 1.0)
        found["rope_scaling"] = {"rope_type": scaling, "factor": factor}
    return found


def _head_dim(said: Config) -> int:
    even = said["embedding_length"] // said["attention.head_count"]
    return int(said.get("attention.key_length", even))


def _gptneox(said: Config) -> Config:
    return {
        "rotary_emb_base": said.get("rope.freq_base", 10000.0),
        "rotary_pct": said["rope.dimension_count"] / _head_dim(said),
        "layer_norm_eps": said["attention.layer_norm_epsilon"],
        "use_parallel_residual": said["use_parallel_residual"],
    }


def _grouped(said: Config) -> Config:
    return {
        "head_dim": _head_dim(said),
        "num_key_value_heads": said.get("attention.head_count_kv", said["attention.head_count"]),
        "sliding_window": said.get("attention.sliding_window"),
    }


def _llama(said: Config) -> Config:
    return _grouped(said) | {"rms_norm_eps": said["attention.layer_norm_rms_epsilon"]}


def _granite(said: Config) -> Config:
    return _llama(said) | {
        "attention_multiplier": said.get("attention.scale", _head_dim(said) ** -0.5),
        "embedding_multiplier": said.get("embedding_scale", 1.0),
        "residual_multiplier": said.get("residual_scale", 1.0),
        "logits_scaling": said.get("logit_scale", 1.0),
    }


def _starcoder2(said: Config) -> Config:
    return _grouped(said) | {"norm_epsilon": said["attention.layer_norm_epsilon"]}


_SPECIFIC = {
    "gptneox": _gptneox,
    "llama": _llama,
    "granite": _granite,
    "qwen2": _llama,
    "starcoder2": _starcoder2,
}
