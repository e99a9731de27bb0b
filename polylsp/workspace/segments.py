"""Segments: the files of an index that hold tokens, each one array of suffixes. Written once, then only read.

`NAME.tokens` holds the tokens of many streams and the order of their places (`engine.array.Array`), and is
mapped into memory: looking something up reads a few pages of it.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from polylsp.engine.array import Array, size
from polylsp.engine.build import build
from polylsp.engine.memory import Ids, Kind

SUFFIX = ".tokens"
_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Segment:
    """What the manifest tells of one."""

    name: str
    kind: Kind
    width: int  # Bytes of a token.
    count: int  # Places, borders included.
    checksum: int

    @property
    def size(self) -> int:
        return sum(size(self.count, self.width))


def write(
    folder: Path, kind: Kind, width: int, streams: Sequence[Ids]
) -> tuple[Segment, Array, list[int]]:
    """A new segment of `streams`, and where each of them ends in it. Raises OSError."""
    built, ends = build(streams, width)
    name = secrets.token_hex(8)
    parts = (built.tokens, built.order)
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    segment = Segment(name, kind, width, len(built), checksum)
    replace(folder / (name + SUFFIX), parts)
    del built, parts  # What is mapped takes its place.
    return segment, _mapped(folder, segment), ends


def load(folder: Path, segment: Segment) -> Array:
    """A segment that was written. Raises OSError where it is not there, ValueError where it is damaged."""
    file = folder / (segment.name + SUFFIX)
    checksum = 0
    with file.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        if size != segment.size:
            raise ValueError(f"{file} has {size} bytes, not {segment.size}")
        # Read, not mapped: pages that nothing is looked up in stay out of memory.
        while part := opened.read(1 << 20):
            checksum = zlib.crc32(part, checksum)
    if checksum != segment.checksum:
        raise ValueError(f"{file} is not what was written")
    return _mapped(folder, segment)


def _mapped(folder: Path, segment: Segment) -> Array:
    with (folder / (segment.name + SUFFIX)).open("rb") as opened:
        data = memoryview(mmap.mmap(opened.fileno(), segment.size, access=mmap.ACCESS_READ))
    tokens, _ = size(segment.count, segment.width)
    return Array(data[:tokens], data[tokens:], segment.width)


def replace(file: Path, parts: Iterable[bytes | memoryview | mmap.mmap]) -> None:
    """Write a file of the user's own, all of it or nothing. Raises OSError."""
    partial = file.with_name(f"{file.name}.{secrets.token_hex(4)}{_PARTIAL}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            for part in parts:
                opened.write(part)
        # Not waiting for the disk: what a power cut damages is found by its checksum, and made anew.
        partial.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


_BINARY = getattr(os, "O_BINARY", 0)


def sweep(folder: Path, kept: Iterable[str]) -> None:
    """Remove segments other than `kept` and what was begun and not finished, where the system lets go of them."""
    names = {name + SUFFIX for name in kept}
    for file in [*folder.glob("*" + SUFFIX), *folder.glob("*" + _PARTIAL)]:
        if file.name not in names:
            with contextlib.suppress(OSError):  # Windows: somebody has it mapped; next time, then.
                file.unlink()
