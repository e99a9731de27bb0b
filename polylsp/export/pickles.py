"""Where torch's pickled checkpoints (.bin, .pt) keep their tensors. Nothing in such a file is ever run.

A pickle is a program that may call anything. This reader knows the few names that weights need and refuses
a file that asks for any other; it is used whether or not torch is installed.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from polylsp.errors import ModelError
from polylsp.export.families import Array
from polylsp.export.stored import KINDS, Stored, broken, plain, refuse_pointer, values

STORAGES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
}
_ZIP = b"PK\x03\x04"
_OLD = 0x1950A86A20F9469CFC6C  # How files of torch before 1.6 begin.
_OLD_PROTOCOL = 1001


@dataclass(slots=True)
class _Storage:
    """A run of numbers that tensors are cut out of."""

    kind: str
    count: int
    offset: int = -1  # In the file.


def tensors(file: Path) -> dict[str, Stored]:
    """The tensors in `file`, by name. Raises ModelError where it is broken, or would run code."""
    refuse_pointer(file)
    try:
        with file.open("rb") as opened:
            zipped = opened.read(4) == _ZIP
        found = _zipped(file) if zipped else _old(file)
    except (ModelError, MemoryError):
        raise
    except Exception as error:  # A broken pickle can end in almost any.
        raise broken(file, error) from error
    if not isinstance(found, dict):
        raise ModelError(f"{file} holds no table of tensors but a {type(found).__name__}")
    return {str(name): one for name, one in found.items() if isinstance(one, Stored)}


def _zipped(file: Path) -> Any:
    with zipfile.ZipFile(file) as archive, file.open("rb") as opened:
        members = {info.filename: info for info in archive.infolist()}
        program = next((name for name in members if name.endswith("data.pkl")), "")
        if not program:
            raise ModelError(f"{file} is a zip archive, but no checkpoint of torch")
        root = program.removesuffix("data.pkl")
        if members.get(root + "byteorder") and archive.read(root + "byteorder") == b"big":
            raise ModelError(f"{file} was written on a big-endian machine, which is not read")

        def place(key: str, storage: _Storage) -> None:
            info = members[f"{root}data/{key}"]
            if info.compress_type != zipfile.ZIP_STORED:
                raise ModelError(f"{file} is compressed: unpack it, and pack it again without")
            if info.file_size < storage.count * KINDS[storage.kind].itemsize:
                raise broken(file, "a tensor is shorter than it says")
            storage.offset = _data_offset(opened, info)

        return _Reader(io.BytesIO(archive.read(program)), file, place).load()


def _data_offset(opened: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where a member's bytes begin: behind its own header, which may be longer than the directory's."""
    opened.seek(info.header_offset + 26)
    name, extra = opened.read(2), opened.read(2)
    return (
        info.header_offset + 30 + int.from_bytes(name, "little") + int.from_bytes(extra, "little")
    )


def _old(file: Path) -> Any:
    """As torch wrote before 1.6: three numbers, the program, then every storage, one after another."""
    storages: dict[str, _Storage] = {}
    with file.open("rb") as opened:
        plain_reader = partial(_Reader, opened, file, storages.__setitem__)
        if plain_reader().load() != _OLD or plain_reader().load() != _OLD_PROTOCOL:
            raise ModelError(f"{file} is no checkpoint of torch")
        if not plain_reader().load().get("little_endian", True):
            raise ModelError(f"{file} was written on a big-endian machine, which is not read")
        found = plain_reader().load()
        end = file.stat().st_size
        for key in plain_reader().load():
            count = int.from_bytes(opened.read(8), "little")
            storage = storages[key]
            storage.offset = opened.tell()
            opened.seek(count * KINDS[storage.kind].itemsize, io.SEEK_CUR)
            if count < storage.count or opened.tell() > end:
                raise broken(file, "it ends too early")
    return found


class _Reader(pickle.Unpickler):
    """Follows a pickle's program as long as it only builds tables of tensors."""

    def __init__(
        self, program: IO[bytes], file: Path, place: Callable[[str, _Storage], None]
    ) -> None:
        super().__init__(program, encoding="utf-8")
        self._file, self._place = file, place
        self._storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        # What is handed out here cannot be changed by the program: a builtin, a string, or made anew.
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return partial(_tensor, self._file)
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return partial(_parameter)
        raise ModelError(
            f"{self._file} asks for {module}.{name}: refused, it would run code. "
            "Only weights are read; save them alone: `torch.save(model.state_dict(), file)`"
        )

    def persistent_load(self, pid: Any) -> _Storage:
        if len(pid) == 6 and pid[5] is not None:
            raise ModelError(
                f"{self._file} holds views of tensors, as torch wrote long ago: load it with torch "
                "and save it again"
            )
        _, kind, key, _, count = pid[:5]
        if key not in self._storages:
            self._storages[key] = _Storage(kind, count)
            self._place(key, self._storages[key])
        return self._storages[key]


def _tensor(
    file: Path,
    storage: _Storage,
    start: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_: object,
) -> Stored:
    """What `torch._utils._rebuild_tensor_v2` would make; read later, when its storage has its place."""
    reach = start + sum((size - 1) * step for size, step in zip(shape, strides, strict=True)) + 1
    if math.prod(shape) and not 0 <= start < reach <= storage.count:
        raise broken(file, "a tensor reaches beyond its storage")
    return Stored(shape, partial(_cut, file, storage, start, shape, strides), storage.kind)


def _cut(
    file: Path, storage: _Storage, start: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> Array:
    rows = tuple(math.prod(shape[at + 1 :]) for at in range(len(shape)))
    size = KINDS[storage.kind].itemsize
    if strides == rows or not math.prod(shape):
        return plain(file, storage.offset + start * size, storage.kind, shape).read()
    whole = values(file, storage.offset, storage.kind, storage.count)
    steps = tuple(step * whole.itemsize for step in strides)
    return np.lib.stride_tricks.as_strided(whole[start:], shape, steps).copy()


def _parameter(tensor: Stored, *_: object) -> Stored:
    return tensor
