"""A model that polylsp runs → a GPT-NeoX checkpoint's tensors again, but for what rounding to eight bits took.

What ships is thereby enough to train on: nobody needs to keep the checkpoint that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.engine.load import GRAPH
from polylsp.errors import ModelError
from polylsp.export.families import NEOX_NAMES, NEOX_TOP, Array
from polylsp.export.quantise import whole


def is_model(folder: Path) -> bool:
    """Whether a folder holds a graph to read."""
    return (folder / GRAPH).exists()


def tensors(folder: Path) -> dict[str, Array]:
    """By the names that Hugging Face gives them, as float32. Raises ModelError."""
    stored, heads = _read(folder / GRAPH)
    if not _is_ours(stored):
        raise ModelError(
            f"{folder / GRAPH} holds no GPT-NeoX weights of eight bits: name the checkpoint it was made of"
        )
    return dict(_named(stored, heads))


def _read(file: Path) -> tuple[dict[str, Array], int]:
    """What a graph has stored, and how many heads it has."""
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise ModelError(
            "reading an ONNX model takes onnx: pip install 'polylsp[export]'"
        ) from error
    try:
        graph: Any = onnx.load(file).graph
        stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        past = next(node for node in graph.input if node.name.startswith("past_"))
    except Exception as error:  # protobuf's errors have no common root.
        raise ModelError(f"{file} cannot be read: {type(error).__name__} {error}") from error
    return stored, past.type.tensor_type.shape.dim[1].dim_value


def _is_ours(stored: dict[str, Array]) -> bool:
    """Whether it is GPT-NeoX in eight bits: other families' last norm has no bias, or their keys are shared."""
    return {"embed.codes8", "norm.bias"} <= stored.keys() and not any(
        name.endswith(".codes4") for name in stored
    )


def _named(stored: dict[str, Array], heads: int) -> Iterator[tuple[str, Array]]:
    for name, array in stored.items():
        *layer, part, kind = name.split(".") if "." in name else ("", "", "")
        names = NEOX_NAMES if layer and layer[0].isdecimal() else NEOX_TOP
        if part not in names:
            continue
        if kind == "codes8":
            array = whole(array, stored[name.replace("codes8", "scales8")])
            kind = "weight"
        elif kind not in ("weight", "bias"):
            continue
        if part == "qkv":  # By head again: q, k, v of the first, then of the next.
            apart = array.reshape(3, heads, -1, *array.shape[1:])
            array = np.ascontiguousarray(np.moveaxis(apart, 1, 0)).reshape(array.shape)
        where = f"gpt_neox.layers.{layer[0]}.{names[part]}" if layer else names[part]
        yield f"{where}.{kind}", array
