"""From a model's name to a model that is ready to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polylsp.config import EngineConfig
from polylsp.engine.backend import Weights
from polylsp.engine.load import MANIFEST, load, manifest
from polylsp.errors import ModelError
from polylsp.models import calibrations, memory, mixtures
from polylsp.models.mixtures import Mixture
from polylsp.models.resolve import resolve
from polylsp.prompt.layout import Layout
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration


@dataclass(frozen=True, slots=True)
class Model:
    """Weights and what is needed to talk to them."""

    name: str
    folder: Path
    tokenizer: Tokenizer
    layout: Layout
    weights: Weights
    note: str = ""  # Why it is not quite what was asked for.
    calibration: Calibration = AT_ITS_WORD  # Of the model alone.
    mixture: Mixture = field(default_factory=Mixture)  # How far the user's own code weighs in.


def load_model(
    spec: str, engine: EngineConfig | None = None, say: Callable[[str], None] = lambda _: None
) -> Model:
    """The model called `spec`, in memory, converted first if need be; `say` hears of that.

    Raises ModelError, whose message names the remedy.
    """
    engine = engine or EngineConfig()
    ready = resolve(spec, engine, say)
    folder = ready.folder
    about = manifest(folder)
    tokenizer = Tokenizer(folder / "tokenizer.json")
    layout = Layout.parse(part(about, folder, "prompt"), tokenizer.special)
    try:
        weights = load(folder, engine.threads)
    except MemoryError as error:
        needed = memory.shown(memory.needed_by_folder(folder))
        raise ModelError(
            f"there is no memory for {folder}, which needs {needed}: close something, or use a smaller model"
        ) from error
    if weights.n_vocab < tokenizer.size:
        raise ModelError(
            f"{folder}: the tokenizer has {tokenizer.size} tokens, the weights only "
            f"{weights.n_vocab}: they do not belong together, export the model again"
        )
    name = str(about.get("name") or folder.name)
    calibration, problem = calibrations.find(folder, about)
    mixture, another = mixtures.find(folder, about)
    note = "; ".join(filter(None, (ready.note, problem, another)))
    return Model(name, folder, tokenizer, layout, weights, note, calibration, mixture)


def part(about: Mapping[str, Any], folder: Path, name: str) -> Mapping[str, Any]:
    part = about.get(name) or {}
    if not isinstance(part, dict):
        raise ModelError(f"{folder / MANIFEST}: {name!r} is not an object: export the model again")
    return part
