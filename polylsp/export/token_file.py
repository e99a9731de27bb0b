"""The form of a `tokenizer.json`: byte-level byte-pair encoding and its added tokens."""

from __future__ import annotations

import json
from typing import Any


def byte_level(
    vocab: dict[str, int],
    merges: list[list[str]],
    added: list[dict[str, Any]],
    pieces: dict[str, Any] | None = None,
    *,
    whole_words: bool = False,
    normalizer: dict[str, Any] | None = None,
) -> str:
    """A `tokenizer.json` of byte-level BPE; `pieces` is its pre-tokenizer (GPT-2's, unless given).

    `whole_words`: a piece that is a token as it stands is not put together by merges.
    """
    bytes_ = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    # A token keeps its id for certain only where the model itself knows it.
    vocab = vocab | {token["content"]: token["id"] for token in added}
    model = {"type": "BPE", "vocab": vocab, "merges": merges, "ignore_merges": whole_words}
    about = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": normalizer,
        "pre_tokenizer": pieces or bytes_ | {"use_regex": True},
        "post_processor": None,
        "decoder": bytes_ | {"use_regex": True},
        "model": model,
    }
    return json.dumps(about, ensure_ascii=False)


def added_token(token: str, id_: int, *, special: bool) -> dict[str, Any]:
    """An entry of `added_tokens`."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": id_, "content": token, **flags, "special": special}
