"""A `tokenizer.json` as a GGUF file has it: tokens, their kinds, merges, and how text is split first.

llama.cpp knows ways of splitting by name only. The name is found by what the tokenizer does, not by whose it
is: GPT-2's for PolyCoder. Rows of the embedding that no token has, padding, become unused tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gguf import TokenType

from polylsp.errors import ModelError

# A pattern that splits text → llama.cpp's name of it.
_PATTERNS = {
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+": "llama-bpe",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+": "qwen2",
}
_GPT2 = "gpt-2"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a GGUF file says of a tokenizer."""

    tokens: list[str]  # By id, as many as the model has rows.
    kinds: list[int]
    merges: list[str]
    splitter: str  # llama.cpp's name of the first split.
    known: bool  # Whether that is surely how this tokenizer splits; else it is GPT-2's, for want of a better one.

    def describe(self, writer: Any, ends: dict[str, int]) -> None:
        """The tokenizer's part of the header; `ends` are the ids of "bos" and "eos" where there are such."""
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(self.splitter)
        writer.add_token_list(self.tokens)
        writer.add_token_types(self.kinds)
        writer.add_token_merges(self.merges)
        if "bos" in ends:
            writer.add_bos_token_id(ends["bos"])
        if "eos" in ends:
            writer.add_eos_token_id(ends["eos"])
        writer.add_add_bos_token(False)


def read(file: Path, rows: int) -> Vocabulary:
    """The vocabulary in a `tokenizer.json`, for a model with that many rows.

    Raises ModelError where the file is broken, or holds a tokenizer of another kind than byte-level BPE.
    """
    try:
        parsed = json.loads(file.read_text(encoding="utf-8"))
        model, added = parsed["model"], parsed.get("added_tokens") or []
        byte_level = model["type"] == "BPE" and not model.get("byte_fallback")
        vocab = {token: int(id_) for token, id_ in model["vocab"].items()} if byte_level else {}
        merges = [_merge(merge) for merge in model["merges"]] if byte_level else []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{file} cannot be read ({error!r}): download the model again") from error
    if not byte_level:
        raise ModelError(
            f"{file} is a {model['type']} tokenizer, and only byte-level BPE is written as GGUF here: "
            "convert this model with llama.cpp's own convert_hf_to_gguf.py"
        )
    tokens = [f"[PAD{id_}]" for id_ in range(rows)]
    kinds = [TokenType.UNUSED] * rows
    for token, id_, kind in _all(vocab, added):
        if id_ >= rows:
            raise ModelError(f"{file} has a token {id_}, the weights only {rows} rows")
        tokens[id_], kinds[id_] = token, kind
    splitter = _splitter(parsed.get("pre_tokenizer") or {})
    return Vocabulary(tokens, list(map(int, kinds)), merges, splitter or _GPT2, bool(splitter))


def _all(vocab: dict[str, int], added: list[Any]) -> Iterator[tuple[str, int, TokenType]]:
    yield from ((token, id_, TokenType.NORMAL) for token, id_ in vocab.items())
    for one in added:
        kind = TokenType.CONTROL if one["special"] else TokenType.USER_DEFINED
        yield one["content"], int(one["id"]), kind


def _merge(merge: Any) -> str:
    """Kept as a pair, or by older versions of the library as one string."""
    return merge if isinstance(merge, str) else " ".join(merge)


def _splitter(pre_tokenizer: dict[str, Any]) -> str:
    """llama.cpp's name of a `pre_tokenizer`; "" where none is known."""
    steps = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    kinds = [step.get("type") for step in steps]
    if not kinds or kinds[-1] != "ByteLevel" or steps[-1].get("add_prefix_space"):
        return ""
    by_regex = steps[-1].get("use_regex", True)
    if kinds == ["ByteLevel"] and by_regex:
        return _GPT2
    if kinds == ["Digits", "ByteLevel"] and by_regex and steps[0].get("individual_digits"):
        return "smollm"
    if kinds == ["Split", "ByteLevel"] and not by_regex:
        return _PATTERNS.get(str(steps[0].get("pattern", {}).get("Regex")), "")
    return ""
