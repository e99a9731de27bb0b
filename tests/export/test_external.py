"""Constants lie beside the graph where a runtime finds and maps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, numpy_helper

from polylsp.errors import ModelError
from polylsp.export.external import External
from polylsp.export.families import Array


def told(tensor: TensorProto) -> dict[str, str]:
    return {one.key: one.value for one in tensor.external_data}


def test_large_constants_are_found_again(tmp_path: Path) -> None:
    arrays: list[Array] = [
        np.arange(5_000, dtype=np.float32).reshape(50, 100),
        np.arange(3_001, dtype=np.uint8),
        np.arange(300_000, dtype=np.float32),
        np.arange(2_000, dtype=np.float16)[::2].reshape(20, 50).T,
    ]
    with External(tmp_path / "model.onnx.data") as external:
        tensors = [external.tensor(str(at), array) for at, array in enumerate(arrays)]
    for tensor, array in zip(tensors, arrays, strict=True):
        found = numpy_helper.to_array(tensor, str(tmp_path))
        assert found.dtype == array.dtype
        assert np.array_equal(found, array)
        assert int(told(tensor)["offset"]) % (65536 if array.nbytes > 10**6 else 64) == 0


def test_small_ones_stay_in_the_graph(tmp_path: Path) -> None:
    with External(tmp_path / "data") as external:
        tensor = external.tensor("axis", np.array([1], np.int64))
    assert not told(tensor)
    assert numpy_helper.to_array(tensor).tolist() == [1]
    assert (tmp_path / "data").stat().st_size == 0


def test_a_disk_that_is_full_is_told_so(tmp_path: Path) -> None:
    external = External(tmp_path / "data")
    with (tmp_path / "data").open("rb") as readable:
        external._opened.close()
        external._opened = readable  # type: ignore[assignment]
        with pytest.raises(ModelError, match="cannot be written"):
            external.tensor("x", np.zeros(5_000, np.float32))
