"""From a model's name to a model that is ready to run."""

from __future__ import annotations

from collections.abc import Mapping
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
    try:
        folder = Path(spec).expanduser()
    except RuntimeError:  # A home directory of nobody's.
        folder = Path(spec)
    if not folder.is_dir():
        raise ModelError(
            f"there is no model {spec!r}: give 'embedded' or a folder that `polylsp export` wrote"
        )
    return folder


def load_model(spec: str, threads: int = 0) -> Model:
    """The model called `spec`, in memory. Raises ModelError, whose message names the remedy."""
    folder = locate(spec)
    about = manifest(folder)
    tokenizer = Tokenizer(folder / "tokenizer.json")
    layout = Layout.parse(_part(about, folder, "prompt"), tokenizer.special)
    weights = load(folder, threads)
    if weights.n_vocab < tokenizer.size:
        raise ModelError(
            f"{folder}: the tokenizer has {tokenizer.size} tokens, the weights only "
            f"{weights.n_vocab}: they do not belong together, export the model again"
        )
    return Model(str(about.get("name") or folder.name), folder, tokenizer, layout, weights)


def card(spec: str) -> Card:
    """What the manifest says of the model called `spec`. Raises ModelError."""
    folder = locate(spec)
    about = manifest(folder)
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    return Card(
        name=str(about.get("name") or folder.name),
        folder=folder,
        parameters=_count(about.get("parameters")),
        context=_count(_part(about, folder, "engine").get("context")),
        fills=bool(_part(about, folder, "prompt").get("suffix")),
        weights=str(about.get("weights") or "?"),
        licence=str(about.get("licence") or "?"),
        megabytes=size / 2**20,
    )


def _part(about: Mapping[str, Any], folder: Path, name: str) -> Mapping[str, Any]:
    part = about.get(name) or {}
    if not isinstance(part, dict):
        raise ModelError(f"{folder / MANIFEST}: {name!r} is not an object: export the model again")
    return part


def _count(number: object) -> int:
    return number if isinstance(number, int) else 0
