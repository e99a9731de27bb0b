"""Where a .safetensors file keeps its tensors; and such files written, a tensor at a time.

The format is a length (8 bytes), a JSON header, and the tensors' bytes; nothing else has to be known of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polylsp.errors import ModelError
from polylsp.export.stored import KINDS, Stored, broken, packed, plain, refuse_pointer

_MOST = 100_000_000  # Bytes of a header; the format's own limit.


def tensors(file: Path) -> dict[str, Stored]:
    """The tensors in `file`, by name. Raises ModelError where it is no such file, or is cut off."""
    refuse_pointer(file)
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > _MOST:
                raise broken(file, "it is not a safetensors file")
            header = json.loads(opened.read(length))
        header.pop("__metadata__", None)
        size = file.stat().st_size - 8 - length
        return {name: _stored(file, 8 + length, size, one) for name, one in header.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(file, error) from error


def write(file: Path, stored: Mapping[str, Stored]) -> None:
    """Write these tensors as `file`; each is read when its turn comes."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, one in stored.items():
        end = at + one.size * KINDS[one.kind].itemsize
        header[name] = {"dtype": one.kind, "shape": one.shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # So that numbers lie where processors like them.
    with file.open("wb") as opened:
        opened.write(len(text).to_bytes(8, "little") + text)
        for one in stored.values():
            opened.write(packed(one).data)


def _stored(file: Path, start: int, size: int, about: dict[str, Any]) -> Stored:
    shape, kind = tuple(about["shape"]), about["dtype"]
    first, last = about["data_offsets"]
    if kind not in KINDS:
        raise ModelError(f"{file} stores {kind} numbers, which are quantised already")
    if last > size:
        raise ValueError("it ends too early")
    if last - first != math.prod(shape) * KINDS[kind].itemsize:
        raise ValueError("its header contradicts itself")
    return plain(file, start + first, kind, shape)
