"""A checkpoint folder → a polylsp model folder: graph, tokenizer, manifest, card and licence."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from polylsp.engine.load import MANIFEST
from polylsp.errors import ModelError
from polylsp.export import checkpoint, graph
from polylsp.export.quantise import Format
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer

_INLINE = 1024  # Bytes; larger constants lie in a file of their own, which the runtime can map.
_COPIED = ("tokenizer.json", "README.md", "LICENSE")


@dataclass(frozen=True, slots=True)
class Options:
    """What a conversion needs to be told."""

    weights: Format
    name: str
    licence: str = ""
    context: int = 0  # The most tokens to support; 0 for what the model was trained with.
    use_suffix: bool = False  # Whether prompts should show the suffix.


def convert(
    source: Path, destination: Path, options: Options, say: Callable[[str], None] = print
) -> None:
    """Write the model in `source` to `destination`, which must not hold a model yet.

    Raises ModelError where the source cannot be read, or the destination is taken.
    """
    if (destination / MANIFEST).exists():
        raise ModelError(
            f"{destination} holds a model already: remove it, or choose another folder"
        )
    say(f"reading {source}")
    model = checkpoint.load(source, options.context)
    tokenizer = Tokenizer(source / "tokenizer.json")
    destination.mkdir(parents=True, exist_ok=True)
    say(f"writing {destination / 'model.onnx'} ({options.weights.name})")
    save(graph.build(model, options.weights), destination)
    for name in _COPIED:
        if (source / name).is_file():
            shutil.copyfile(source / name, destination / name)
    manifest = {
        "format": 1,
        "name": options.name,
        "parameters": model.parameters,
        "licence": options.licence,
        "weights": options.weights.name,
        "source_sha256": _sha256(sorted(source.glob("*.safetensors"))),
        "engine": {"backend": "onnx", "context": model.shape.context},
        "prompt": _layout(source, tokenizer, options.use_suffix).manifest(),
    }
    _write_json(destination / MANIFEST, manifest)


def save(model: onnx.ModelProto, folder: Path) -> None:
    """Write `model.onnx`, and beside it its weights."""
    data = folder / "model.onnx.data"
    data.unlink(missing_ok=True)
    onnx.save_model(
        model,
        str(folder / "model.onnx"),
        save_as_external_data=True,
        location=data.name,
        size_threshold=_INLINE,
    )
    data.chmod(0o644)  # The onnx library leaves it readable to its owner only.


def _layout(source: Path, tokenizer: Tokenizer, use_suffix: bool) -> Layout:
    config = checkpoint.read_config(source)
    end = config.get("eos_token_id")
    ends = end if isinstance(end, list) else [end]
    by_id = {id_: token for token, id_ in tokenizer.special.items()}
    token = next((by_id[id_] for id_ in ends if id_ in by_id), None)
    return Layout.detect(tokenizer.special, token, use_suffix)


def _sha256(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _write_json(file: Path, value: dict[str, Any]) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
