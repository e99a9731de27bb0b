"""The text of a `tokenizer.json`, made from a .gguf file's metadata.

The file names the rule that cuts text into pieces (`tokenizer.ggml.pre`) but does not say it: the rules are
known by name, as they are to llama.cpp. An unknown one is refused, for a wrong one would pass unnoticed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from polylsp.errors import ModelError
from polylsp.export.gguf_file import header
from polylsp.export.token_file import added_token, byte_level

# Kinds of tokens.
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED = 1, 2, 3, 4, 5

_GPT2 = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
_BYTES = _GPT2 | {"use_regex": False}
_DIGITS = {"type": "Digits", "individual_digits": True}
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|NUMBER| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_DEEPSEEK = (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+")


def _cut(pattern: str) -> dict[str, Any]:
    return {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": "Isolated",
        "invert": False,
    }


# What cuts text into pieces, in order, by each rule's name.
_PIECES: dict[str, list[dict[str, Any]]] = {
    "gpt-2": [_GPT2],
    "smollm": [_DIGITS, _GPT2],
    "llama-bpe": [_cut(_WORDS.replace("NUMBER", r"\p{N}{1,3}")), _BYTES],
    "qwen2": [_cut(_WORDS.replace("NUMBER", r"\p{N}")), _BYTES],
    "deepseek-coder": [*map(_cut, _DEEPSEEK), _DIGITS, _BYTES],
}
# Other names of the same rules.
_ALIKE = {
    **dict.fromkeys(("starcoder", "refact", "command-r", "codeshell"), "smollm"),
    **dict.fromkeys(("llama3", "llama-v3"), "llama-bpe"),
    "stablelm2": "qwen2",
}
# The rule of files that were written before it had a name.
_OLD = {"gptneox": "gpt-2", "starcoder2": "smollm", "qwen2": "qwen2"}


def tokenizer_json(source: Path) -> str:
    """The tokenizer in `source`. Raises ModelError where it is of a kind that is not known."""
    said = header(source).values
    kind, tokens = said.get("tokenizer.ggml.model"), said.get("tokenizer.ggml.tokens")
    if kind != "gpt2" or not tokens:
        raise ModelError(
            f"{source} has a {kind!r} vocabulary, which is not read from .gguf files: "
            "export the model from its Hugging Face folder"
        )
    rule = _rule(source, said)
    kinds = said.get("tokenizer.ggml.token_type") or [_NORMAL] * len(tokens)
    # What is left over stands for nothing, and so do control tokens; the user's own are text.
    added = [
        added_token(token, id_, special=kind != _USER_DEFINED)
        for id_, (token, kind) in enumerate(zip(tokens, kinds, strict=True))
        if kind in (_UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED)
    ]
    merges = [merge.split(" ") for merge in said.get("tokenizer.ggml.merges", [])]
    return byte_level(
        {token: id_ for id_, token in enumerate(tokens)},
        merges,
        added,
        {"type": "Sequence", "pretokenizers": _PIECES[rule]},
        whole_words=rule == "llama-bpe",
        normalizer={"type": "NFC"} if rule == "qwen2" else None,
    )


def _rule(source: Path, said: dict[str, Any]) -> str:
    old = _OLD.get(said.get("general.architecture", ""), "none")
    name = str(said.get("tokenizer.ggml.pre", "default"))
    rule = _ALIKE.get(name, old if name == "default" else name)
    if rule not in _PIECES:
        known = ", ".join([*_PIECES, *_ALIKE])
        raise ModelError(
            f"{source} cuts text by a rule ({name!r}) that is not known; known are {known}: "
            "export the model from its Hugging Face folder"
        )
    return rule
