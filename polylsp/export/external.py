"""A graph's constants, written to a file beside it as they are made: none stays in memory.

Large ones lie where any system can map them (Windows maps from multiples of 64 KiB on), small ones in the
graph itself.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from polylsp.errors import ModelError
from polylsp.export.families import Array

_INLINE = 1024  # Bytes.
_MAPPED = 1 << 20  # Bytes; what is smaller is read, and only needs to be aligned for processors.
_PAGE = 1 << 16


class External:
    """A file of constants, open for writing while used as a context."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened = file.open("wb")

    def __enter__(self) -> External:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    def tensor(self, name: str, array: Array) -> TensorProto:
        """The constant, as the graph refers to it. Raises ModelError where the disk is full."""
        array = np.ascontiguousarray(array)
        if array.nbytes <= _INLINE:
            return numpy_helper.from_array(array, name)
        align = _PAGE if array.nbytes >= _MAPPED else 64
        offset = -(-self._opened.tell() // align) * align
        try:
            self._opened.seek(offset)
            self._opened.write(memoryview(array).cast("B"))
        except OSError as error:
            raise ModelError(f"{self._file} cannot be written: {error}") from error
        return _reference(name, array, self._file.name, offset)


def _reference(name: str, array: Array, location: str, offset: int) -> TensorProto:
    tensor = TensorProto(
        name=name,
        dims=array.shape,
        data_type=helper.np_dtype_to_tensor_dtype(array.dtype),
        data_location=TensorProto.EXTERNAL,
    )
    for key, value in (("location", location), ("offset", offset), ("length", array.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor
