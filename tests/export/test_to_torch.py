"""A folder for torch holds the checkpoint's numbers under our names, and what they are to be used for."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, load_file

from polylsp.cli.__main__ import main
from polylsp.engine.load import manifest
from polylsp.engine.shape import Shape
from polylsp.errors import ModelError
from polylsp.export import checkpoint
from polylsp.export.families import Array
from polylsp.export.quantise import Format
from polylsp.export.to_torch import parts, stored, write
from tests import tinies


@pytest.mark.parametrize("tiny", tinies.TINIES, ids=lambda tiny: tiny.name)
def test_every_number_of_a_checkpoint_is_stored_once(tiny: tinies.Tiny, tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path, tiny, target="torch")
    model = checkpoint.load(tmp_path / "source")
    found = load_file(folder / "model.safetensors")
    assert sum(tensor.size for tensor in found.values()) == model.parameters
    for name, tensor in found.items():
        assert np.array_equal(tensor, model[name]), name


@pytest.mark.parametrize("weights", ["fp32", "bf16", "fp16"])
def test_numbers_are_rounded_to_the_type_asked_for(weights: str, tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path, tinies.NEOX, weights, target="torch")
    whole = checkpoint.load(tmp_path / "source")["0.up.weight"]
    found = load_file(folder / "model.safetensors")["0.up.weight"]
    assert found.dtype.itemsize == (4 if weights == "fp32" else 2)
    bits = {"fp32": 24, "bf16": 8, "fp16": 11}[weights]
    # fp16 has smallest numbers, below which it is coarser.
    assert np.abs(found.astype(np.float32) - whole).max() <= np.abs(whole).max() * 2.0**-bits


def test_the_head_keeps_eight_bits_where_matrices_have_four(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path, tinies.NEOX, "int4", target="torch")
    found = load_file(folder / "model.safetensors")
    assert found["0.up.codes"].shape == (128, 2, 16)
    assert found["head.codes"].shape == (tinies.vocab_size(), 2, 32)
    assert found["head.scales"].shape == (tinies.vocab_size(), 2)
    assert found["embed.weight"].dtype.itemsize == 2


def test_the_manifest_says_what_the_numbers_are_for(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path, tinies.LLAMA_GROUPED, "bf16", target="torch")
    about = manifest(folder)
    assert about["weights"] == "bf16"
    assert about["engine"]["backend"] == "torch"
    assert about["engine"]["context"] == tinies.LLAMA_GROUPED.context
    assert Shape(**about["engine"]["shape"]) == checkpoint.load(tmp_path / "source").shape


def test_values_too_large_for_sixteen_bits_are_refused(tmp_path: Path) -> None:
    model = checkpoint.load(tinies.checkpoint(tmp_path))
    large = Large(model)
    with pytest.raises(ModelError, match="too large for fp16: choose bf16"):
        list(stored(large, Format("fp16")))
    assert len(list(stored(large, Format("bf16")))) > len(list(parts(model.shape)))


class Large(checkpoint.Checkpoint):
    """A checkpoint with an outlier."""

    def __init__(self, model: checkpoint.Checkpoint) -> None:
        super().__init__(model.shape, model.tensors, model.config, model.files)

    def get(self, name: str) -> Array | None:
        found = super().get(name)
        return found * np.float32(1e6) if name == "1.down.weight" and found is not None else found


def test_a_file_is_written_while_its_tensors_come_in() -> None:
    file = io.BytesIO()
    tensors: dict[str, Array] = {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}
    tensors["b"] = np.ones(5, np.uint8)
    write(file, iter(tensors.items()), 512)
    read = load(file.getvalue())
    assert read.keys() == tensors.keys()
    assert all(np.array_equal(read[name], tensor) for name, tensor in tensors.items())


@pytest.mark.heavy
def test_the_command_line_completes_alike_on_torch_and_on_onnx(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(tinies.checkpoint(tmp_path / "source"))
    file = tmp_path / "sums.py"
    file.write_text("def total(values):\n    return \n")
    told = {}
    for target in ("onnx", "torch"):
        folder = str(tmp_path / target)
        assert main(["export", source, folder, "--to", target, "--weights", "fp32"]) == 0
        code = main(["complete", f"{file}:2:12", "--model", folder, "--json"])
        answer = json.loads(capsys.readouterr().out)
        told[target] = code, [one["text"] for one in answer["suggestions"]], answer["reason"]
    assert told["onnx"] == told["torch"]
