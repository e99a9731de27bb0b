"""From a model's name to a model that is ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polylsp.engine.backend import Weights
from polylsp.engine.load import MANIFEST, load, manifest
from polylsp.errors import ModelError
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer

EMBEDDED = Path(__file__).parent / "embedded"


@dataclass(frozen=True, slots=True)
class Model:
    """Weights and what is needed to talk to them."""

    name: str
    folder: Path
    tokenizer: Tokenizer
    layout: Layout
    weights: Weights


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a model without loading it."""

    name: str
    folder: Path
    parameters: int
    context: int
    fills: bool  # Trained to fill in the middle.
    weights: str  # How the matrices are stored: "int8-b64".
    licence: str
    megabytes: float  # On disk.


def locate(spec: str) -> Path:
    """The folder of the model called `spec`: "embedded", or a path. Raises ModelError."""
    if spec == "embedded":
        return EMBEDDED
    folder = Path(spec).expanduser()
    if not folder.exists():
        raise ModelError(
            f"there is no model {spec!r}: give 'embedded' or a folder that `polylsp export` wrote"
        )
    if not (folder / MANIFEST).is_file():
        raise ModelError(
            f"{folder} is not a polylsp model folder (no {MANIFEST}): "
            f"convert a checkpoint with `polylsp export {folder} DESTINATION`"
        )
    return folder


def load_model(spec: str, threads: int = 0) -> Model:
    """The model called `spec`, in memory. Raises ModelError, whose message names the remedy."""
    folder = locate(spec)
    tokenizer = Tokenizer(folder / "tokenizer.json")
    about = manifest(folder)
    layout = Layout.parse(about.get("prompt") or {}, tokenizer.special)
    weights = load(folder, threads)
    if weights.n_vocab < tokenizer.size:
        raise ModelError(
            f"{folder}: the tokenizer has {tokenizer.size} tokens, the weights only "
            f"{weights.n_vocab}: they do not belong together"
        )
    return Model(str(about.get("name") or folder.name), folder, tokenizer, layout, weights)


def card(spec: str) -> Card:
    """What the manifest says of the model called `spec`. Raises ModelError."""
    folder = locate(spec)
    about: dict[str, Any] = manifest(folder)
    prompt = about.get("prompt") or {}
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    return Card(
        name=str(about.get("name") or folder.name),
        folder=folder,
        parameters=int(about.get("parameters") or 0),
        context=int((about.get("engine") or {}).get("context") or 0),
        fills=bool(prompt.get("suffix")),
        weights=str(about.get("weights") or "?"),
        licence=str(about.get("licence") or "?"),
        megabytes=size / 2**20,
    )
