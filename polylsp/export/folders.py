"""Hugging Face folders: `config.json`, and weights as safetensors or pickles, in one file or several."""

from __future__ import annotations

import json
from pathlib import Path

from polylsp.errors import ModelError
from polylsp.export import pickles, safe
from polylsp.export.families import Config
from polylsp.export.stored import Stored, broken

WEIGHTS = ("model.safetensors", "pytorch_model.bin")  # The better one first.


def config(source: Path) -> Config:
    """What the folder's `config.json` says. Raises ModelError."""
    if not source.exists():
        raise ModelError(
            f"there is no folder {source}: give a checkpoint's folder, or a .gguf file"
        )
    if not source.is_dir():
        raise ModelError(f"{source} is no model: give a checkpoint's folder, or a .gguf file")
    file = source / "config.json"
    if not file.is_file():
        raise ModelError(
            f"{file} cannot be read: there is none, so {source} holds no model that is known: neither a "
            "Hugging Face folder nor one of GPT-NeoX"
        )
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ModelError(f"{file} is not a JSON object")
    return found


def files(source: Path) -> list[Path]:
    """The files that hold the weights: what the index says, or the one file. Raises ModelError."""
    for name in WEIGHTS:
        index, whole = source / f"{name}.index.json", source / name
        if index.is_file():
            return _indexed(source, index)
        if whole.is_file():
            return [whole]
    found = sorted(source.glob("*.safetensors"))
    if not found:
        raise ModelError(
            f"{source} holds no weights ({' or '.join(WEIGHTS)}): download it again, with all its files"
        )
    return found


def tensors(source: Path) -> dict[str, Stored]:
    """All tensors in the folder, by name. Raises ModelError."""
    found: dict[str, Stored] = {}
    for file in files(source):
        found |= safe.tensors(file) if file.suffix == ".safetensors" else pickles.tensors(file)
    return found


def _indexed(folder: Path, index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(index, repr(error)) from error
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder} lacks {', '.join(missing)}: download it again")
    return [folder / name for name in names]
