"""The header of a .gguf file: what it says of the model, and where its tensors lie.

Read here rather than by the gguf library, which needs seconds for a vocabulary where this needs a blink.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from polylsp.errors import ModelError
from polylsp.export.stored import broken, refuse_pointer

_VERSIONS = (2, 3)
# The types of values, by their numbers.
_NUMBERS = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies."""

    name: str
    shape: tuple[int, ...]  # Rows first, as numpy has it.
    kind: int  # How its numbers are stored, by the format's number.
    offset: int  # In the file, in bytes.


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the tensors."""

    values: dict[str, Any]
    tensors: tuple[Tensor, ...]


def header(file: Path) -> Header:
    """The header of `file`. Raises ModelError where it is no such file, or ends too early."""
    refuse_pointer(file)
    try:
        with file.open("rb") as opened:
            return _Reader(opened, file).header()
    except (OSError, ValueError, KeyError, struct.error, MemoryError, OverflowError) as error:
        raise broken(file, f"its header is damaged: {error!r}") from error


class _Reader:
    def __init__(self, opened: IO[bytes], file: Path) -> None:
        self._opened, self._file = opened, file

    def header(self) -> Header:
        if self._opened.read(4) != b"GGUF":
            raise ModelError(f"{self._file} is no GGUF file: download it again")
        version = self._number("I")
        if version not in _VERSIONS:
            raise ModelError(
                f"{self._file} is GGUF of version {version}, which is not read: convert the model again "
                "with a newer llama.cpp"
            )
        tensors, values = self._number("Q"), self._number("Q")
        said = {self._text(): self._value(self._number("I")) for _ in range(values)}
        found = [self._tensor() for _ in range(tensors)]
        border = int(said.get("general.alignment", 32))
        start = math.ceil(self._opened.tell() / border) * border
        placed = [Tensor(one.name, one.shape, one.kind, start + one.offset) for one in found]
        return Header(said, tuple(placed))

    def _tensor(self) -> Tensor:
        name = self._text()
        sizes = [self._number("Q") for _ in range(self._number("I"))]
        return Tensor(name, tuple(reversed(sizes)), self._number("I"), self._number("Q"))

    def _value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self._text()
        if kind != _ARRAY:
            return self._number(_NUMBERS[kind])
        inner, count = self._number("I"), self._number("Q")
        if inner in _NUMBERS:
            layout = f"<{count}{_NUMBERS[inner]}"
            return list(struct.unpack(layout, self._bytes(struct.calcsize(layout))))
        return [self._value(inner) for _ in range(count)]

    def _number(self, layout: str) -> Any:
        layout = "<" + layout
        return struct.unpack(layout, self._opened.read(struct.calcsize(layout)))[0]

    def _text(self) -> str:
        # Broken characters are kept apart, so that no two tokens become one.
        return self._bytes(self._number("Q")).decode("utf-8", errors="surrogateescape")

    def _bytes(self, length: int) -> bytes:
        found = self._opened.read(length)
        if len(found) != length:
            raise ValueError("it ends too early")
        return found
