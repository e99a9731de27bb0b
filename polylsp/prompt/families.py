"""How each family of models was trained to read code: its special tokens, by `Layout`'s names for them.

Only tokens tell a family, so models that share a tokenizer share an entry: Granite Code is taken to be trained as
StarCoder was. The papers: StarCoder arXiv 2305.06161, StarCoder 2 2402.19173, Code Llama 2308.12950,
DeepSeek-Coder 2401.14196, Qwen2.5-Coder 2409.12186, CodeGemma 2406.11409.
"""

# ruff: noqa: RUF001 - DeepSeek-Coder writes its tokens with a wide bar.

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# The first whose tokens are all there. Without a `start` of its own, a model's end of text stands there: in
# training, documents were separated by it.
FAMILIES: dict[str, Mapping[str, Any]] = {
    "polylsp": {
        "path": "<|path|>",
        "suffix": "<|fim_suffix|>",
        "prefix": "<|fim_prefix|>",
    },
    # Paths belong to the prefix: whole documents were cut up, their headers included. Half of them suffix-first.
    "starcoder2": {
        "path": "<file_sep>",
        "suffix": "<fim_suffix>",
        "prefix": "<fim_prefix>",
        "middle": "<fim_middle>",
        "repository": "<repo_name>{}",
        "separator": "<file_sep>",
        "path_within": True,
    },
    "starcoder, granite": {
        "path": "<filename>",
        "suffix": "<fim_suffix>",
        "prefix": "<fim_prefix>",
        "middle": "<fim_middle>",
        "path_within": True,
    },
    # CodeQwen and others that took the names over: all know this order.
    "like starcoder": {
        "suffix": "<fim_suffix>",
        "prefix": "<fim_prefix>",
        "middle": "<fim_middle>",
        "suffix_first": False,
    },
    "code llama": {
        "start": "<s>",
        "suffix": "▁<SUF>",
        "prefix": "▁<PRE>",
        "middle": "▁<MID>",
    },
    "deepseek-coder": {
        "start": "<｜begin▁of▁sentence｜>",
        "suffix": "<｜fim▁hole｜>",
        "prefix": "<｜fim▁begin｜>",
        "middle": "<｜fim▁end｜>",
        "suffix_first": False,
    },
    "qwen2.5-coder": {
        "start": None,
        "path": "<|file_sep|>",
        "suffix": "<|fim_suffix|>",
        "prefix": "<|fim_prefix|>",
        "middle": "<|fim_middle|>",
        "suffix_first": False,
        "repository": "<|repo_name|>{}\n",
        "separator": "<|file_sep|>",
    },
    # Trained in both orders, but how it writes the suffix first was never published. Paths have no token.
    "codegemma": {
        "start": "<bos>",
        "suffix": "<|fim_suffix|>",
        "prefix": "<|fim_prefix|>",
        "middle": "<|fim_middle|>",
        "suffix_first": False,
        "separator": "<|file_separator|>",
    },
    # Those that were taught to chat end a text with something else than what stood between documents.
    "smollm2": {
        "start": "<|endoftext|>",
        "path": "<file_sep>",
        "separator": "<file_sep>",
    },
}

_TOKENS = frozenset(
    value.partition("{}")[0]
    for family in FAMILIES.values()
    for value in family.values()
    if isinstance(value, str)
) | {"▁<EOT>", "<fim_pad>"}
_MARKER = re.compile(r"<[|｜].+[|｜]>")


def is_marker(token: str) -> bool:
    """Whether an added token is a special one, whatever the tokenizer says: some families flag none of them.

    Added tokens may be mere text as well: runs of spaces, letters, HTML tags.
    """
    return token in _TOKENS or _MARKER.fullmatch(token) is not None
