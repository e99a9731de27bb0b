"""What was packed comes out again, under the checkpoint's names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polylsp.errors import ModelError
from polylsp.export import checkpoint, unpack
from tests import tinies


@pytest.mark.parametrize("tiny", [tinies.NEOX, tinies.NEOX_TIED, tinies.NEOX_PARALLEL])
def test_a_model_is_a_checkpoint_still(tiny: tinies.Tiny, tmp_path: Path) -> None:
    found = unpack.tensors(tinies.exported(tmp_path, tiny, "int8"))
    wanted = checkpoint.load(tmp_path / "source").tensors
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
    for folder, tiny, weights in (("llama", tinies.LLAMA, "int8"), ("whole", tinies.NEOX, "fp32")):
        model = tinies.exported(tmp_path / folder, tiny, weights)
        with pytest.raises(
            ModelError, match=r"no GPT-NeoX weights of eight bits: name the checkpoint"
        ):
            unpack.tensors(model)


def test_what_is_broken_is_told(tmp_path: Path) -> None:
    broken = tinies.exported(tmp_path, weights="int8")
    (broken / "model.onnx.data").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx"):
        unpack.tensors(broken)
    (broken / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"model\.onnx"):
        unpack.tensors(broken)
