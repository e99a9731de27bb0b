"""Write weights into a folder as Hugging Face does: one file, or several with an index, a tensor at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from polylsp.export import pickling, safe
from polylsp.export.stored import KINDS, Stored

MOST = 10_000_000_000  # Bytes of a file.


def write(
    folder: Path,
    tensors: Mapping[str, Stored],
    name: str,
    say: Callable[[str], None],
    most: int = MOST,
) -> None:
    """Write them as `name` (model.safetensors or pytorch_model.bin), in files of at most `most` bytes."""
    parts = _cut(tensors, most)
    where: dict[str, str] = {}
    stem, end = name.split(".")
    for number, part in enumerate(parts, 1):
        file = f"{stem}-{number:05}-of-{len(parts):05}.{end}" if len(parts) > 1 else name
        say(f"writing {folder / file} ({sum(map(_bytes, part.values())) / 1e6:,.0f} MB)")
        (safe if end == "safetensors" else pickling).write(folder / file, part)
        where |= dict.fromkeys(part, file)
    if len(parts) > 1:
        total = {"total_size": sum(map(_bytes, tensors.values()))}
        index = json.dumps({"metadata": total, "weight_map": where}, indent=2) + "\n"
        (folder / f"{name}.index.json").write_text(index, encoding="utf-8")


def _cut(tensors: Mapping[str, Stored], most: int) -> list[dict[str, Stored]]:
    """In order, so that no file is larger than `most`, unless by one tensor."""
    parts: list[dict[str, Stored]] = [{}]
    room = most
    for name, one in tensors.items():
        room -= _bytes(one)
        if room < 0 and parts[-1]:
            parts.append({})
            room = most - _bytes(one)
        parts[-1][name] = one
    return parts


def _bytes(tensor: Stored) -> int:
    return tensor.size * KINDS[tensor.kind].itemsize
