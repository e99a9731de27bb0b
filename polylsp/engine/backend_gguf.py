"""llama.cpp."""

from __future__ import annotations

from pathlib import Path

from polylsp.engine.backend import Backend, Weights


class GgufWeights(Weights):
    n_ctx: int
    n_vocab: int
    tape_bytes: int

    def __init__(self, file: Path, n_ctx: int, threads: int) -> None:
        raise NotImplementedError

    def tape(self) -> Backend:
        raise NotImplementedError
