"""The text of a `tokenizer.json` for any checkpoint: its own, or made from what it has instead.

The first line of merges.txt is never a merge, header or not: so did the loader that models were trained
with. PolyCoder's original file has no header, and its first merge, two spaces, was lost to that.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import polylsp
from polylsp.errors import ModelError
from polylsp.export.checkpoint import is_gguf

_FILE = "tokenizer.json"
_SPECIAL = ("bos_token", "eos_token", "unk_token", "pad_token", "additional_special_tokens")


def write(source: Path, folder: Path) -> Path:
    """Put the tokenizer of the checkpoint in `source` into `folder`; its file. Raises ModelError."""
    file = folder / _FILE
    file.write_text(tokenizer_json(source), encoding="utf-8")
    return file


def tokenizer_json(source: Path) -> str:
    """What the `tokenizer.json` of `source`, a folder or a .gguf file, says. Raises ModelError."""
    if is_gguf(source):
        from polylsp.export import gguf_tokens

        return gguf_tokens.tokenizer_json(source)
    own = source / _FILE
    try:
        if own.is_file():
            return own.read_text(encoding="utf-8")
        return _from_merges(source)
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise ModelError(f"the tokenizer in {source} cannot be read: {error!r}") from error


def polycoder() -> tuple[bytes, bytes]:
    """PolyCoder's original vocab.json and merges.txt, without a header, as they come with polylsp."""
    folder = Path(polylsp.__file__).parent / "models" / "polycoder"
    vocab, merges = (
        gzip.decompress((folder / f"{name}.gz").read_bytes())
        for name in ("vocab.json", "merges.txt")
    )
    return vocab, merges


def byte_level(
    vocab: dict[str, int],
    merges: list[list[str]],
    added: list[dict[str, Any]],
    pieces: dict[str, Any] | None = None,
    **others: Any,
) -> str:
    """A `tokenizer.json` of byte-level BPE; `pieces` is its pre-tokenizer (GPT-2's, unless given)."""
    bytes_ = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    about = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": pieces or bytes_ | {"use_regex": True},
        "post_processor": None,
        "decoder": bytes_ | {"use_regex": True},
        "model": {"type": "BPE", "vocab": vocab, "merges": merges},
    }
    return json.dumps(about | others, ensure_ascii=False)


def added_token(token: str, id_: int, *, special: bool) -> dict[str, Any]:
    """An entry of `added_tokens`."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": id_, "content": token, **flags, "special": special}


def _from_merges(folder: Path) -> str:
    files = [folder / "vocab.json", folder / "merges.txt"]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise ModelError(
            f"{folder} has no {_FILE}, and lacks {' and '.join(missing)} to make one of: "
            "download the tokenizer's files too"
        )
    vocab = json.loads(files[0].read_text(encoding="utf-8"))
    lines = files[1].read_text(encoding="utf-8").split("\n")
    merges = [line.split() for line in lines[1:-1]]
    return byte_level(vocab, merges, _added(folder, vocab))


def _added(folder: Path, vocab: dict[str, int]) -> list[dict[str, Any]]:
    """The tokens that are never read out of text, as the files beside the vocabulary name them."""
    config = _json(folder / "tokenizer_config.json")
    tokens = {token: (id_, False) for token, id_ in _json(folder / "added_tokens.json").items()}
    for id_, about in config.get("added_tokens_decoder", {}).items():
        tokens[about["content"]] = (int(id_), bool(about.get("special")))
    for token in _named(config) + _named(_json(folder / "special_tokens_map.json")):
        known = vocab.get(token, tokens.get(token, (-1, True))[0])
        if known < 0:
            known = max([*vocab.values(), *(id_ for id_, _ in tokens.values())]) + 1
        tokens[token] = (known, True)
    by_id = sorted(tokens.items(), key=lambda one: one[1])
    return [added_token(token, id_, special=special) for token, (id_, special) in by_id]


def _named(about: dict[str, Any]) -> list[str]:
    """The special tokens that a file names, each as a text or as a table with its `content`."""
    found: list[Any] = []
    for name in _SPECIAL:
        value = about.get(name)
        found += value if isinstance(value, list) else [value]
    contents = [one.get("content") if isinstance(one, dict) else one for one in found]
    return list(dict.fromkeys(one for one in contents if isinstance(one, str)))


def _json(file: Path) -> dict[str, Any]:
    parsed = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return parsed if isinstance(parsed, dict) else {}
