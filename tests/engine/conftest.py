"""Weights of every kind that the engine can run, made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from polylsp.engine.backend import Weights
from polylsp.engine.backend_optimum import OptimumWeights
from polylsp.engine.load import load
from tests import tinies
from tests.fakes import ScriptedWeights

CONTEXT = tinies.NEOX.context


def _exported(tiny: tinies.Tiny, weights: str = "fp32") -> Callable[[Path], Weights]:
    return lambda folder: load(tinies.exported(folder, tiny, weights), threads=2)


def _scripted(_: Path) -> Weights:
    return ScriptedWeights(lambda ids: hash(tuple(ids)) % 250, n_ctx=CONTEXT, sure=0.5)


def _concatenating(folder: Path) -> Weights:
    return OptimumWeights(tinies.concatenating(folder / "model.onnx"), CONTEXT, threads=2)


def _through_optimum(checkpoint: Callable[[Path], Path], weights: str) -> Callable[[Path], Weights]:
    def make(folder: Path) -> Weights:
        from polylsp.export.convert import Options
        from polylsp.export.fallback import convert
        from polylsp.export.quantise import Format

        options = Options(Format(weights, 32), "tiny")
        convert(checkpoint(folder / "source"), folder / "model", options, lambda _: None)
        return load(folder / "model", threads=2)

    return make


# Every one keeps the contract of `backend.Backend`.
_KINDS: dict[str, Callable[[Path], Weights]] = {
    "scripted": _scripted,
    **{f"onnx-{tiny.name}": _exported(tiny) for tiny in tinies.TINIES},
    "onnx-int8": _exported(tinies.NEOX, "int8"),
    "onnx-int4": _exported(tinies.LLAMA_GROUPED, "int4"),
    "optimum-like": _concatenating,
}
_HEAVY = {
    "optimum-gpt2": _through_optimum(tinies.gpt2, "fp32"),
    "optimum-gpt2-int8": _through_optimum(tinies.gpt2, "int8"),
    "optimum-neox": _through_optimum(tinies.checkpoint, "fp32"),
}


@pytest.fixture(
    scope="module",
    params=[*_KINDS, *(pytest.param(name, marks=pytest.mark.heavy) for name in _HEAVY)],
)
def weights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """One after another, all kinds of weights; their context is `NEOX.context` tokens."""
    return (_KINDS | _HEAVY)[request.param](tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def neox(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """A real model on our fast backend."""
    return _KINDS["onnx-neox"](tmp_path_factory.mktemp("neox"))
