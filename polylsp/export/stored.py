"""Tensors that stay in their file until they are asked for, so that no model stands in memory as a whole.

Knows how numbers are stored; formats say where. Nothing is kept of what was read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.errors import ModelError
from polylsp.export.families import Array

# How numbers are stored, by safetensors' names. numpy has no bfloat16: the upper half of a float32.
KINDS: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor in a file: its shape, and how to read it."""

    shape: tuple[int, ...]
    read: Callable[[], Array]  # Raises ModelError where the file is broken.
    kind: str = "F32"  # How it is stored, or is to be: one of KINDS.

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


class Tensors(Mapping[str, Array]):
    """Tensors by name; each is read when it is asked for, every time anew."""

    def __init__(self, stored: Mapping[str, Stored]) -> None:
        self.stored = stored

    def __getitem__(self, name: str) -> Array:
        return self.stored[name].read()

    def __contains__(self, name: object) -> bool:
        return name in self.stored

    def __iter__(self) -> Iterator[str]:
        return iter(self.stored)

    def __len__(self) -> int:
        return len(self.stored)


def plain(file: Path, offset: int, kind: str, shape: tuple[int, ...]) -> Stored:
    """A tensor of `kind` (one of KINDS) that lies in `file` from byte `offset` on, row by row."""
    return Stored(shape, partial(_read, file, offset, kind, shape), kind)


def values(file: Path, offset: int, kind: str, count: int) -> Array:
    """`count` numbers of `kind` from byte `offset` on; bfloat16 becomes float32. Raises ModelError."""
    try:
        found = np.fromfile(file, KINDS[kind], count, offset=offset)
    except OSError as error:
        raise broken(file, error) from error
    if found.size != count:
        raise broken(file, "it ends too early")
    return (found.astype(np.uint32) << 16).view(np.float32) if kind == "BF16" else found


def packed(tensor: Stored) -> Array:
    """The tensor's numbers as its kind says, to be written one after another."""
    found = tensor.read()
    if tensor.kind != "BF16":
        return np.ascontiguousarray(found, KINDS[tensor.kind])
    bits = np.ascontiguousarray(found, "<f4").view("<u4")
    # To the nearest, and to the even one of two that are equally near.
    rounded: Array = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
    return rounded.astype(KINDS["BF16"])


def broken(file: Path, why: object) -> ModelError:
    """The error for a file that is not what its name says."""
    return ModelError(f"{file} cannot be read ({why}): download it again")


def refuse_pointer(file: Path) -> None:
    """Raises ModelError where `file` is missing, or only stands for one that Git LFS would bring."""
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_POINTER))
    except OSError as error:
        raise broken(file, error) from error
    if start == _POINTER:
        raise ModelError(
            f"{file} is a pointer of Git LFS, not the file itself: fetch it with `git lfs pull`, "
            "or download it from the model's page"
        )


def _read(file: Path, offset: int, kind: str, shape: tuple[int, ...]) -> Array:
    return values(file, offset, kind, math.prod(shape)).reshape(shape)
