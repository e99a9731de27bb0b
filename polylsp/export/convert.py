"""A checkpoint folder → a polylsp model folder: graph, tokenizer, manifest, card and licence."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polylsp.engine.load import FORMAT, GRAPH, MANIFEST
from polylsp.errors import ModelError
from polylsp.export import checkpoint, graph, vocabulary
from polylsp.export.external import External
from polylsp.export.place import untaken
from polylsp.export.quantise import Format
from polylsp.export.verify import verify
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer

@dataclass(frozen=True, slots=True)
class Options:
    """What a conversion needs to be told."""

    weights: Format
    name: str
    licence: str = ""
    context: int = 0  # The most tokens to support; 0 for what the model was trained with.
    use_suffix: bool = False  # Whether prompts should show the suffix.


@dataclass(frozen=True, slots=True)
class Made:
    """What a conversion found out about its model, for the manifest."""

    backend: str
    context: int
    vocab: int
    parameters: int
    files: Iterable[Path]  # That the weights came from.
    tokenizer: Path  # A `tokenizer.json`.


def convert(
    source: Path, destination: Path, options: Options, say: Callable[[str], None] = print
) -> None:
    """Write the model in `source` to `destination`, which must not hold a model yet.

    Raises ModelError where the source cannot be read, or the destination is taken.
    """
    claim(source, destination)
    say(f"reading {source}")
    model = checkpoint.load(source, options.context)
    say(f"writing {GRAPH} ({options.weights.name}, {model.shape.context} tokens)")
    with External(destination / f"{GRAPH}.data") as external:
        built = graph.build(model, options.weights, external, say)
    (destination / GRAPH).write_bytes(built.SerializeToString())
    shape, tokenizer = model.shape, vocabulary.write(source, destination)
    made = Made("onnx", shape.context, shape.vocab, model.parameters, model.files, tokenizer)
    finish(source, destination, options, made)
    verify(destination, say)


def claim(source: Path, destination: Path) -> None:
    """Make the folder `destination`. Raises ModelError where it cannot be, or holds something already."""
    untaken(destination)
    if not source.exists():
        raise ModelError(
            f"there is no {source}: give a downloaded checkpoint's folder, or its file"
        )
    try:
        destination.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{destination} cannot be made ({error}): choose another") from error


def finish(source: Path, destination: Path, options: Options, made: Made) -> None:
    """What a model folder has beside the graph; the manifest last, so that it stands for a whole folder.

    Raises ModelError where the tokenizer is missing or is not the weights' own.
    """
    tokenizer = Tokenizer(made.tokenizer)
    if tokenizer.size > made.vocab:
        raise ModelError(
            f"{source}: the tokenizer has {tokenizer.size} tokens, the weights only {made.vocab}: "
            "they do not belong together"
        )
    if made.tokenizer != destination / "tokenizer.json":
        shutil.copyfile(made.tokenizer, destination / "tokenizer.json")
    for name in ("README.md", "LICENSE"):
        if (source / name).is_file():
            shutil.copyfile(source / name, destination / name)
    manifest = {
        "format": FORMAT,
        "name": options.name,
        "parameters": made.parameters,
        "licence": options.licence,
        "weights": options.weights.name,
        "source_sha256": _sha256(made.files),
        "engine": {"backend": made.backend, "context": made.context} | _device(options, made),
        "prompt": _layout(source, tokenizer, options.use_suffix).manifest(),
    }
    _write_json(destination / MANIFEST, manifest)


def _device(options: Options, made: Made) -> dict[str, str]:
    return {"device": "cuda"} if made.backend == "onnx" and options.weights.half else {}


def _layout(source: Path, tokenizer: Tokenizer, use_suffix: bool) -> Layout:
    config = checkpoint.read_config(source)
    end = config.get("eos_token_id")
    ends = end if isinstance(end, list) else [end]
    by_id = {id_: token for token, id_ in tokenizer.special.items()}
    token = next((by_id[id_] for id_ in ends if id_ in by_id), None)
    return Layout.detect(tokenizer.special, token, use_suffix)


def _sha256(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _write_json(file: Path, value: dict[str, Any]) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
