"""A run's newest checkpoint as the start of another that only lets the rate fall."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from polylsp.errors import PolyError
from polylsp.train import checkpoint


def cut(run: Path, folder: Path, steps: int) -> None:
    """Make `folder` a run that decays over `steps` from where `run` is. Raises PolyError."""
    if steps < 1:
        raise PolyError("the rate cannot fall in less than one step")
    found, shards = checkpoint.configuration(run)
    place = checkpoint.newest(run)
    if place is None:
        raise PolyError(f"{run} has no checkpoint yet: train first")
    state, _, _ = checkpoint.load(place)
    training = replace(found.training, steps=state.step + steps, decay=steps, warmup=0)
    checkpoint.write_configuration(folder, replace(found, training=training), shards)
    shutil.copytree(place, folder / place.name)
