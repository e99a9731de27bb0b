"""What was packed comes out again, under the checkpoint's names."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from polylsp.errors import ModelError
from polylsp.export import checkpoint, unpack
from polylsp.export.convert import Options, convert
from polylsp.export.quantise import Format
from tests import tinies


def exported(source: Path, folder: Path, weights: str = "int8") -> Path:
    convert(source, folder, Options(Format(weights, 32), "tiny", "MIT"), lambda _: None)
    return folder


@pytest.mark.parametrize("tiny", [tinies.NEOX, tinies.NEOX_TIED, tinies.NEOX_PARALLEL])
def test_a_model_is_a_checkpoint_still(tiny: tinies.Tiny, tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source", tiny)
    found = unpack.tensors(exported(source, tmp_path / "model"))
    wanted = checkpoint.load(source).tensors
    weights = [name for name in wanted if name.endswith(("weight", "bias"))]
    assert set(found) == {
        name for name in weights if not (tiny.tied and name.startswith("embed_out"))
    }
    for name, one in found.items():
        before = np.asarray(wanted[name], np.float32)
        assert one.shape == before.shape
        # Half of a step of 1/127 of the largest of a block, no more.
        assert np.abs(one - before).max() <= np.abs(before).max() / 253, name


def test_other_models_are_refused(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source", tinies.LLAMA)
    with pytest.raises(ModelError, match="no GPT-NeoX weights of eight bits"):
        unpack.tensors(exported(source, tmp_path / "llama"))
    whole = exported(tinies.checkpoint(tmp_path / "neox"), tmp_path / "fp32", "fp32")
    with pytest.raises(ModelError, match="name the checkpoint"):
        unpack.tensors(whole)


def test_what_is_broken_is_told(tmp_path: Path) -> None:
    model = exported(tinies.checkpoint(tmp_path / "source"), tmp_path / "model")
    broken = shutil.copytree(model, tmp_path / "broken")
    (broken / "model.onnx.data").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx"):
        unpack.tensors(broken)
    (broken / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"model\.onnx"):
        unpack.tensors(broken)
