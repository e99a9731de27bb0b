"""A model folder → weights ready to run.

The one place that knows which backend serves which folder.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from polylsp.engine.backend import Weights
from polylsp.errors import ModelError

MANIFEST = "polylsp.json"


def load(folder: Path, threads: int = 0) -> Weights:
    """The weights in `folder`, which must hold a manifest (`polylsp.json`).

    `threads` 0 means: half of the machine's processors, from two to four. Raises ModelError.
    """
    engine = manifest(folder).get("engine")
    if not isinstance(engine, dict):
        raise ModelError(f"{folder / MANIFEST} has no 'engine' part: export the model again")
    backend = engine.get("backend")
    if backend == "onnx":
        from polylsp.engine.backend_onnx import OnnxWeights

        graph = folder / "model.onnx"
        if not graph.is_file():
            raise ModelError(f"{graph} is missing: install or export the model again")
        return OnnxWeights(graph, int(engine["context"]), threads or default_threads())
    raise ModelError(f"{folder / MANIFEST} names the backend {backend!r}, which this version lacks")


def manifest(folder: Path) -> dict[str, Any]:
    """What `polylsp.json` says about the model in `folder`. Raises ModelError."""
    try:
        parsed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{folder} is not a polylsp model folder (no {MANIFEST}): "
            "convert a checkpoint with `polylsp export`"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / MANIFEST} cannot be read: {error}") from error
    if not isinstance(parsed, dict):
        raise ModelError(f"{folder / MANIFEST} is not a JSON object")
    return parsed


def default_threads() -> int:
    """Enough to be quick, not so many that the editor feels it."""
    processors = os.cpu_count() or 1
    return min(processors, 4, max(2, processors // 2))
