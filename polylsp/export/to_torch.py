"""A checkpoint → a model folder for torch: our tensors in one file, and their shape in the manifest.

The file is safetensors, written tensor by tensor: a model never lies in memory as a whole.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import ml_dtypes
import numpy as np

from polylsp.engine.load import FILES
from polylsp.engine.shape import Shape
from polylsp.errors import ModelError
from polylsp.export import checkpoint, quantise, vocabulary
from polylsp.export.checkpoint import Checkpoint
from polylsp.export.convert import Made, Options, claim, finish
from polylsp.export.families import Array
from polylsp.export.quantise import Format
from polylsp.export.verify import verify

# How numbers are stored → numpy's type, and safetensors' name of it. What is packed has its rest in bfloat16.
_TYPES: dict[str, tuple[Any, str]] = {
    "fp32": (np.float32, "F32"),
    "fp16": (np.float16, "F16"),
    "bf16": (ml_dtypes.bfloat16, "BF16"),
}
_NAMES = {np.dtype(type_): name for type_, name in _TYPES.values()} | {np.dtype(np.uint8): "U8"}


def convert(
    source: Path, destination: Path, options: Options, say: Callable[[str], None] = print
) -> None:
    """Write the model in `source` to `destination`, which must not hold a model yet.

    Raises ModelError where the source cannot be read, or the destination is taken.
    """
    claim(source, destination)
    say(f"reading {source}")
    model = checkpoint.load(source, options.context)
    shape = model.shape
    say(f"writing {FILES['torch']} ({options.weights.name}, {shape.context} tokens)")
    with (destination / FILES["torch"]).open("wb") as opened:
        write(opened, stored(model, options.weights), _ROOM * len(list(parts(shape))))
    made = Made(
        "torch",
        shape.context,
        shape.vocab,
        model.parameters,
        model.files,
        vocabulary.write(source, destination),
        {"shape": dataclasses.asdict(shape)},
    )
    finish(source, destination, options, made)
    if importlib.util.find_spec("torch"):  # Writing does without it.
        verify(destination, say)


def stored(model: Checkpoint, weights: Format) -> Iterator[tuple[str, Array]]:
    """Every tensor by our name, as it is stored. Raises ModelError where one is missing or too large."""
    kind, _ = _TYPES.get(weights.weights, _TYPES["bf16"])
    for part, is_matrix in parts(model.shape):
        matrix = model[part + ".weight"]
        if is_matrix and weights.packs:
            yield from _packed(part, matrix, weights.of(part))
        else:
            yield part + ".weight", _narrowed(part, matrix, kind)
        bias = model.get(part + ".bias")
        if bias is not None:
            yield part + ".bias", _narrowed(part, bias, kind)


def parts(shape: Shape) -> Iterator[tuple[str, bool]]:
    """The parts of a model, and whether each is a matrix that is only multiplied with."""
    yield "embed", False
    for layer in range(shape.layers):
        for part in ("norm1", "qkv", "out", "norm2", "gate", "up", "down"):
            if part != "gate" or shape.gated:
                yield f"{layer}.{part}", not part.startswith("norm")
    yield "norm", False
    if not shape.tied:
        yield "head", True


_ROOM = 512  # Bytes of header that a part takes at most: three tensors, each with some 100 bytes.


def write(file: BinaryIO, tensors: Iterator[tuple[str, Array]], room: int) -> None:
    """Write a safetensors file while its tensors come in.

    Their sizes stand before them and are known behind them: `room` is left, and filled up with spaces.
    """
    start = 8 + room
    file.seek(start)
    header: dict[str, Any] = {}
    for name, tensor in tensors:
        at = file.tell() - start
        file.write(np.ascontiguousarray(tensor).view(np.uint8).data)
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [at, file.tell() - start],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    file.seek(0)
    file.write(room.to_bytes(8, "little") + text.ljust(room))


def _packed(part: str, matrix: Array, weights: Format) -> Iterator[tuple[str, Array]]:
    block = quantise.block_for(matrix.shape[1], weights.block)
    codes, scales = quantise.blocks(matrix, quantise.BITS[weights.weights], block)
    yield part + ".codes", codes
    yield part + ".scales", scales


def _narrowed(part: str, tensor: Array, kind: Any) -> Array:
    with np.errstate(over="ignore"):
        narrow: Array = tensor.astype(kind)
    if np.isfinite(tensor).all() and not np.isfinite(narrow).all():
        raise ModelError(f"{part!r} has values too large for fp16: choose bf16")
    return narrow
