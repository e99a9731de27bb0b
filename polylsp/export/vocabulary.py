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
from polylsp.export import gguf_tokens, neox
from polylsp.export.checkpoint import is_gguf
from polylsp.export.token_file import added_token, byte_level

_FILE = "tokenizer.json"
_END = "<|endoftext|>"
_SPECIAL = ("bos_token", "eos_token", "unk_token", "pad_token", "additional_special_tokens")


def write(source: Path, folder: Path) -> Path:
    """Put the tokenizer of the checkpoint in `source` into `folder`; its file. Raises ModelError."""
    file = folder / _FILE
    file.write_text(tokenizer_json(source), encoding="utf-8")
    return file


def tokenizer_json(source: Path) -> str:
    """What the `tokenizer.json` of `source`, a folder or a .gguf file, says. Raises ModelError."""
    if is_gguf(source):
        return gguf_tokens.tokenizer_json(source)
    own = source / _FILE
    try:
        if own.is_file():
            return own.read_text(encoding="utf-8")
        if neox.is_neox(source):
            return _from_merges(source, *of_neox(source))
        return _from_merges(source, *_gpt2(source))
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise ModelError(f"the tokenizer in {source} cannot be read: {error!r}") from error


def write_gpt2(folder: Path, vocab: bytes, merges: bytes) -> None:
    """Put a vocabulary into `folder` as PolyCoder's folders have it."""
    (folder / "vocab.json").write_bytes(vocab)
    (folder / "merges.txt").write_bytes(merges)
    special = {f"{role}_token": _END for role in ("bos", "eos", "unk")}
    about = {"add_prefix_space": False, "tokenizer_class": "GPT2Tokenizer"}
    for name, value in (("special_tokens_map", special), ("tokenizer_config", special | about)):
        text = json.dumps(value, indent=2) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def with_header(merges: bytes) -> bytes:
    """A merges.txt whose first line is a header, in place of the merge that would be lost anyway."""
    return b"#version: 0.2\n" + merges.split(b"\n", 1)[1]


def polycoder() -> tuple[bytes, bytes]:
    """PolyCoder's original vocab.json and merges.txt, without a header, as they come with polylsp."""
    folder = Path(polylsp.__file__).parent / "models" / "polycoder"
    vocab, merges = (
        gzip.decompress((folder / f"{name}.gz").read_bytes())
        for name in ("vocab.json", "merges.txt")
    )
    return vocab, merges


def of_neox(source: Path) -> tuple[bytes, bytes]:
    """The vocab.json and merges.txt of a checkpoint of GPT-NeoX; PolyCoder's where it has none beside it."""
    found = neox.vocabulary(source)
    return (found[0].read_bytes(), found[1].read_bytes()) if found else polycoder()


def _gpt2(folder: Path) -> tuple[bytes, bytes]:
    files = [folder / "vocab.json", folder / "merges.txt"]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise ModelError(
            f"{folder} has no {_FILE}, and lacks {' and '.join(missing)} to make one of: "
            "download the tokenizer's files too"
        )
    return files[0].read_bytes(), files[1].read_bytes()


def _from_merges(folder: Path, vocab_json: bytes, merges_txt: bytes) -> str:
    vocab = json.loads(vocab_json)
    lines = merges_txt.decode().replace("\r\n", "\n").split("\n")
    merges = [line.split() for line in lines[1:-1]]
    added = _added(folder, vocab)
    if not added and _END in vocab:
        added = [added_token(_END, vocab[_END], special=True)]
    return byte_level(vocab, merges, added)


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
