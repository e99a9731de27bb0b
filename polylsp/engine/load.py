"""A model folder → weights ready to run.

The one place that knows which backend serves which folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from polylsp.engine.backend import Backend, Weights
from polylsp.errors import BackendError, ModelError

MANIFEST = "polylsp.json"
FORMAT = 2  # Of the manifest; raised when an older polylsp could not use a newer folder.
GRAPH = "model.onnx"
# Backend → the file that holds its model.
FILES = {
    "onnx": GRAPH,
    "optimum": GRAPH,
    "torch": "model.safetensors",
    "gguf": "model.gguf",
}


def load(folder: Path, threads: int = 0) -> Weights:
    """The weights in `folder`, which must hold a manifest (`polylsp.json`).

    `threads` 0 means: half of the machine's processors, from two to four. Raises ModelError.
    """
    engine = manifest(folder).get("engine")
    if not isinstance(engine, dict):
        raise ModelError(f"{folder / MANIFEST} has no 'engine' part: export the model again")
    backend, context = engine.get("backend"), engine.get("context")
    if backend not in FILES:
        raise ModelError(
            f"{folder / MANIFEST} names the backend {backend!r}, which this version lacks"
        )
    if not isinstance(context, int) or context < 1:
        raise ModelError(f"{folder / MANIFEST} says context {context!r}: export the model again")
    file = folder / FILES[backend]
    if not file.is_file():
        raise ModelError(f"{file} is missing: install or export the model again")
    return Reloadable(
        lambda: _weights(backend, file, engine, context, threads or default_threads())
    )


class Reloadable(Weights):
    """Weights that can be given back, as nobody needs them for a while, and are there again when asked for."""

    def __init__(self, load: Callable[[], Weights]) -> None:
        """Loads at once. Raises what `load` does."""
        self._load = load
        self._weights: Weights | None = load()
        self.n_ctx, self.n_vocab = self._weights.n_ctx, self._weights.n_vocab
        self.tape_bytes = self._weights.tape_bytes

    @property
    def loaded(self) -> bool:
        return self._weights is not None

    def tape(self) -> Backend:
        if self._weights is None:
            raise BackendError("the weights were given back, and not loaded again")
        return self._weights.tape()

    def unload(self) -> None:
        self._weights = None

    def reload(self) -> None:
        if self._weights is None:
            self._weights = self._load()


def _weights(
    backend: str, file: Path, engine: dict[str, Any], context: int, threads: int
) -> Weights:
    if backend == "onnx":
        from polylsp.engine.backend_onnx import OnnxWeights

        return OnnxWeights(file, context, threads, str(engine.get("device", "cpu")))
    if backend == "torch":
        return _torch(file, engine, context, threads)
    if backend == "gguf":
        from polylsp.engine.backend_gguf import GgufWeights

        return GgufWeights(file, context, threads)
    from polylsp.engine.backend_optimum import OptimumWeights

    return OptimumWeights(file, context, threads)


def _torch(file: Path, engine: dict[str, Any], context: int, threads: int) -> Weights:
    # Its threads wait for each other by spinning unless told otherwise before it is first imported: on a busy
    # machine that takes several times the processor time of the work itself.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        from polylsp.engine.backend_torch import TorchWeights
    except ImportError as error:
        raise ModelError(
            f"this model runs on torch, but {error.name} is missing: pip install 'polylsp[torch]'"
        ) from error
    return TorchWeights(file, engine, context, threads)


def manifest(folder: Path) -> dict[str, Any]:
    """What `polylsp.json` says about the model in `folder`. Raises ModelError."""
    file = folder / MANIFEST
    if not folder.is_dir():
        raise ModelError(f"there is no folder {folder}")
    try:
        parsed = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{folder} is not a polylsp model folder (no {MANIFEST}): "
            f"convert a checkpoint with `polylsp export {folder} DESTINATION`"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read ({error}): export the model again") from error
    if not isinstance(parsed, dict):
        raise ModelError(f"{file} is not a JSON object: export the model again")
    if parsed.get("format", FORMAT) != FORMAT:
        raise ModelError(
            f"{file} has the format {parsed['format']!r}, this version reads {FORMAT}: "
            "update polylsp, or export the model again"
        )
    return parsed


def default_threads() -> int:
    """Enough to be quick, not so many that the editor feels it: half of the processors, from two to four.

    Of two processors, both: a file's first prompt is what somebody waits for (docs/results.md).
    """
    # From Python 3.13 on: the processors that this process may use, not all there are.
    count = getattr(os, "process_cpu_count", os.cpu_count)
    processors = count() or 1
    return min(processors, 4, max(2, processors // 2))
