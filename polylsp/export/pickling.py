"""Write tensors as torch would pickle them (its zip format, torch 1.6 and later), without torch.

The program of the pickle is spelt out by hand: the names in it belong to a library that need not be here.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from polylsp.export.pickles import STORAGES
from polylsp.export.stored import Stored, packed

_ALIGNED = 64  # Bytes; torch can map numbers that lie so.
_WHEN = (1980, 1, 1, 0, 0, 0)  # The same tensors make the same file.
_NAMES = {kind: name for name, kind in STORAGES.items()}


def write(file: Path, stored: Mapping[str, Stored]) -> None:
    """Write these tensors as `file`; each is read when its turn comes, and none is kept."""
    root = file.stem
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{root}/data.pkl", _WHEN), b"".join(_program(stored)))
        for key, one in enumerate(stored.values()):
            numbers = packed(one)
            info = _aligned(f"{root}/data/{key}", archive)
            info.file_size = numbers.nbytes
            with archive.open(info, "w", force_zip64=True) as member:
                member.write(numbers.data)
        archive.writestr(zipfile.ZipInfo(f"{root}/version", _WHEN), b"3\n")


def _aligned(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """A member whose bytes begin on a border: what lacks to it is filled up in its header."""
    info = zipfile.ZipInfo(name, _WHEN)
    zip64 = 20  # Bytes that the archive adds to the header, for members of any size.
    start = archive.fp.tell() + 30 + len(name) + zip64 + 4  # type: ignore[union-attr]
    padding = -start % _ALIGNED
    info.extra = struct.pack("<2sH", b"FB", padding) + b"Z" * padding
    return info


def _program(stored: Mapping[str, Stored]) -> Iterator[bytes]:
    """An OrderedDict from names to calls of `_rebuild_tensor_v2`, in the pickle's protocol 2."""
    yield b"\x80\x02" + _global("collections", "OrderedDict") + b")R("
    for key, (name, one) in enumerate(stored.items()):
        place = _text("storage") + _global("torch", _NAMES[one.kind]) + _text(str(key))
        storage = b"(" + place + _text("cpu") + _number(one.size) + b"tQ"
        steps = [1]
        for size in reversed(one.shape[1:]):
            steps.insert(0, steps[0] * size)
        sizes = _numbers(one.shape) + _numbers(tuple(steps[: len(one.shape)]))
        hooks = _global("collections", "OrderedDict") + b")R"
        yield _text(name) + _global("torch._utils", "_rebuild_tensor_v2")
        yield b"(" + storage + _number(0) + sizes + b"\x89" + hooks + b"tR"
    yield b"u."


def _global(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def _number(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "little")
    return b"\x8a" + bytes([len(data)]) + data


def _numbers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(_number, values)) + b"t"
