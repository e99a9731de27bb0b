"""Checkpoints written as Hugging Face folders: nothing is lost on the way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from polylsp.errors import ModelError
from polylsp.export import checkpoint, vocabulary
from polylsp.export.convert import Options
from polylsp.export.dispatch import export
from polylsp.export.quantise import Format
from tests import tinies
from tests.export import makers


def to_hf(source: Path, destination: Path, weights: str = "stored") -> Path:
    options = Options(Format(weights), "made", "MIT")
    export(source, destination, "hf", options, lambda _: None)
    return destination


@pytest.mark.parametrize("parts", [1, 2])
def test_polycoders_original_layout_becomes_a_folder(tmp_path: Path, parts: int) -> None:
    wanted = makers.neox(tmp_path, parts)
    made = to_hf(tmp_path / "checkpoints", tmp_path / "made")
    found = load_file(made / "model.safetensors")  # By the format's own library.
    assert set(found) == set(wanted)
    assert all(np.array_equal(found[name], array) for name, array in wanted.items())
    assert checkpoint.load(made).shape == checkpoint.load(tmp_path / "hf").shape
    first, second = (made / "merges.txt").read_text(encoding="utf-8").split("\n")[:2]
    assert (first, second) == ("#version: 0.2", "ĠĠ ĠĠ")


@pytest.mark.parametrize(("weights", "kind"), [("fp16", "float16"), ("bf16", "bfloat16")])
def test_weights_may_be_stored_in_half(tmp_path: Path, weights: str, kind: str) -> None:
    source = makers.pickled(tmp_path / "source")
    made = to_hf(source, tmp_path / "made", weights)
    config = json.loads((made / "config.json").read_text(encoding="utf-8"))
    assert config["torch_dtype"] == kind
    found, wanted = checkpoint.load(made)["1.up.weight"], checkpoint.load(source)["1.up.weight"]
    assert not np.array_equal(found, wanted)
    assert np.allclose(found, wanted, rtol=2**-8, atol=1e-6)
    smaller = (made / "model.safetensors").stat().st_size
    assert smaller < 0.6 * (source / "pytorch_model.bin").stat().st_size


def test_a_folders_own_tokenizer_stays(tmp_path: Path) -> None:
    source = makers.pickled(tmp_path / "source")
    made = to_hf(source, tmp_path / "made")
    assert vocabulary.tokenizer_json(made) == tinies.tokenizer_json()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    source = makers.pickled(tmp_path / "source")
    to_hf(source, tmp_path / "made")
    with pytest.raises(ModelError, match="holds a model already"):
        to_hf(source, tmp_path / "made")
