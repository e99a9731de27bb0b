"""What was written is tried before it counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from polylsp.errors import ModelError
from polylsp.export.verify import verify
from tests import tinies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tinies.exported(tmp_path)


def spoil(folder: Path, name: str, value: float) -> None:
    """Set a constant of the graph to that value everywhere."""
    model = onnx.load(str(folder / "model.onnx"), load_external_data=False)
    tensor = next(one for one in model.graph.initializer if one.name == name)
    values = np.full(tuple(tensor.dims), value, np.float32)
    tensor.CopyFrom(numpy_helper.from_array(values, name))
    onnx.save_model(model, str(folder / "model.onnx"))


def test_a_good_folder_says_what_was_tried(folder: Path) -> None:
    said: list[str] = []
    verify(folder, said.append)
    assert len(said) == 1
    assert "12 tokens have finite logits" in said[0]


def test_logits_that_are_not_numbers_are_found(folder: Path) -> None:
    spoil(folder, "norm.weight", float("nan"))
    with pytest.raises(ModelError, match="report it"):
        verify(folder, lambda _: None)


def test_a_model_that_forgets_what_it_read_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polylsp.engine.backend_onnx import OnnxTape

    # A tape that is emptied before each pass: what stands before it does not count.
    read = OnnxTape.extend

    def forgetful(self: OnnxTape, token_ids: list[int], last: int = 1) -> object:
        self.truncate(0)
        return read(self, token_ids, last)

    monkeypatch.setattr(OnnxTape, "extend", forgetful)
    with pytest.raises(ModelError, match="something else when read in pieces"):
        verify(folder, lambda _: None)
