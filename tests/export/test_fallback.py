"""Models that our graph builder does not know go through optimum, which need not be installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.load import MANIFEST, load
from polylsp.errors import ModelError
from polylsp.export.convert import Options
from polylsp.export.fallback import convert
from polylsp.export.quantise import Format
from tests import tinies


def quietly(source: Path, destination: Path, weights: str = "fp32", context: int = 0) -> None:
    convert(source, destination, Options(Format(weights, 32), "tiny", "", context), lambda _: None)


def edit(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8")) | changes
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def test_without_optimum_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optimum.exporters.onnx", None)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    source = tinies.checkpoint(tmp_path / "source")
    with pytest.raises(ModelError, match=r"pip install 'polylsp\[optimum\]'"):
        quietly(source, tmp_path / "model")
    assert not (tmp_path / "model" / MANIFEST).exists()


def test_a_config_that_does_not_tell_the_context_is_asked_for_it(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    edit(source, max_position_embeddings=None)
    with pytest.raises(ModelError, match="--context"):
        quietly(source, tmp_path / "model")


@pytest.mark.heavy
@pytest.mark.optimum
def test_a_gpt2_says_what_transformers_says(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    source = tinies.gpt2(tmp_path / "source")
    quietly(source, tmp_path / "model")
    ids = np.random.default_rng(0).integers(5, 250, 60).tolist()
    model = AutoModelForCausalLM.from_pretrained(source).eval()
    with torch.no_grad():
        wanted = model(torch.tensor([ids])).logits[0].numpy()
    found = load(tmp_path / "model").tape().extend(ids, last=len(ids))
    assert np.abs(found - wanted).max() < 1e-4 * max(1, wanted.std())


@pytest.mark.heavy
@pytest.mark.optimum
def test_both_ways_make_the_same_of_one_model(tmp_path: Path) -> None:
    ours = load(tinies.exported(tmp_path, tinies.NEOX_PARTIAL))
    quietly(tmp_path / "source", tmp_path / "through-optimum")
    theirs = load(tmp_path / "through-optimum")
    ids = np.random.default_rng(0).integers(5, 250, 60).tolist()
    assert np.abs(ours.tape().extend(ids, 9) - theirs.tape().extend(ids, 9)).max() < 1e-4


@pytest.mark.heavy
@pytest.mark.optimum
def test_the_manifest_names_the_backend_and_the_context(tmp_path: Path) -> None:
    source = tinies.gpt2(tmp_path / "source")
    quietly(source, tmp_path / "model", "int8", context=64)
    about = json.loads((tmp_path / "model" / MANIFEST).read_text(encoding="utf-8"))
    assert about["engine"] == {"backend": "optimum", "context": 64}
    assert about["weights"] == "int8-b32"
    assert about["prompt"]["start"] == "<|endoftext|>"
    assert about["parameters"] > 100_000
    assert load(tmp_path / "model").n_ctx == 64


@pytest.mark.heavy
@pytest.mark.optimum
def test_only_the_asked_positions_are_computed(tmp_path: Path) -> None:
    from polylsp.engine.backend_optimum import OptimumWeights

    quietly(tinies.gpt2(tmp_path / "source"), tmp_path / "model")
    weights = OptimumWeights(tmp_path / "model" / "model.onnx", tinies.NEOX.context, threads=2)
    assert "logit_start" in weights.inputs


@pytest.mark.heavy
@pytest.mark.optimum
def test_what_optimum_cannot_export_is_told_so(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    edit(source, model_type="no_such_architecture", architectures=["NoSuch"])
    with pytest.raises(ModelError, match="optimum cannot export"):
        quietly(source, tmp_path / "model")
