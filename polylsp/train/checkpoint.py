"""A run's folder: what it was started with, its log, and checkpoints from which it goes on exactly.

    configuration.json, tokenizer.json, log.jsonl
    step-00001000/   model.safetensors, optimiser.safetensors, state.json

A checkpoint is written beside and moved into place, so whatever is found is whole.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError
from polylsp.export.unpack import is_model, tensors
from polylsp.train.config import Configuration, parse

Tensor = Any  # torch's own types are not known where torch is not installed.

CONFIGURATION = "configuration.json"
LOG = "log.jsonl"
_STEP = re.compile(r"step-(\d{8})")
_KEPT = 2  # The newest ones.


@dataclass(frozen=True, slots=True)
class State:
    """How far a run is."""

    step: int = 0  # To be done next.
    updates: int = 0  # Of the optimiser, since it knows of a past.
    at: int = 0  # The next token of the stream.
    tokens: int = 0  # Seen, by this model and those that it goes on from.
    seconds: float = 0.0  # That training took.


def write_configuration(folder: Path, configuration: Configuration, shards: Path) -> None:
    """Keep what the run is about."""
    row = {**configuration.row(), "shards": str(shards.resolve())}
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / CONFIGURATION, json.dumps(row, indent=2) + "\n")


def configuration(folder: Path) -> tuple[Configuration, Path]:
    """What a run is about, and its tokens. Raises PolyError where `folder` is no run."""
    try:
        row = json.loads((folder / CONFIGURATION).read_text(encoding="utf-8"))
        shards = Path(row.pop("shards"))
    except (OSError, ValueError, KeyError) as error:
        raise PolyError(
            f"{folder} is no training run ({error!r}): start one with `polylsp train run`"
        ) from error
    return parse(row, str(folder)), shards


def newest(folder: Path) -> Path | None:
    """The checkpoint that is furthest on."""
    found = [one for one in folder.glob("step-*") if _STEP.fullmatch(one.name)]
    return max(found, key=lambda one: one.name, default=None)


def save(
    folder: Path, state: State, model: Mapping[str, Tensor], optimiser: Mapping[str, Tensor]
) -> Path:
    """Write one; older ones but the last are removed. Raises PolyError where there is no room."""
    from safetensors.torch import save_file

    place = folder / f"step-{state.step:08}"
    partial = folder / f"{place.name}.{os.getpid()}.partial"
    try:
        partial.mkdir(parents=True, exist_ok=True)
        save_file(_plain(model), partial / "model.safetensors", {"format": "pt"})
        save_file(_plain(optimiser), partial / "optimiser.safetensors", {"format": "pt"})
        _write(partial / "state.json", json.dumps(asdict(state), indent=2) + "\n")
        shutil.rmtree(place, ignore_errors=True)
        partial.rename(place)
    except OSError as error:
        raise PolyError(f"{place} cannot be written ({error}): make room, and go on") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _sweep(folder)
    return place


def load(place: Path) -> tuple[State, dict[str, Tensor], dict[str, Tensor]]:
    """State, model and optimiser. Raises PolyError where it is not whole."""
    try:
        from safetensors.torch import load_file

        state = State(**json.loads((place / "state.json").read_text(encoding="utf-8")))
        return (
            state,
            load_file(place / "model.safetensors"),
            load_file(place / "optimiser.safetensors"),
        )
    except Exception as error:  # The library's errors have no common root.
        raise PolyError(
            f"{place} cannot be read ({error}): remove it, an older one may do"
        ) from error


def start(folder: Path, wanted: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """The weights of a folder, as fp32: of Hugging Face's kind, or a model that polylsp runs.

    Raises PolyError where they are of another shape.
    """
    read = _read(folder)
    found = {name: read[name].float() for name in wanted if name in read}
    for name, size in wanted.items():
        if name not in found or tuple(found[name].shape) != size:
            raise PolyError(f"{folder} is no model of this configuration: it differs in {name}")
    return found


def _read(folder: Path) -> dict[str, Tensor]:
    import torch
    from safetensors.torch import load_file

    if files := sorted(folder.glob("*.safetensors")):
        return {name: one for file in files for name, one in load_file(file).items()}
    if is_model(folder):
        return {name: torch.tensor(one) for name, one in tensors(folder).items()}
    raise PolyError(
        f"{folder} holds neither .safetensors files nor a graph: name a Hugging Face folder, or a model that "
        "`polylsp export` wrote"
    )


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: one.detach().cpu().contiguous() for name, one in tensors.items()}


def _sweep(folder: Path) -> None:
    found = sorted(one for one in folder.glob("step-*") if _STEP.fullmatch(one.name))
    for old in found[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")
