"""Weights in fewer bits: blocks of a row share a scale (com.microsoft.MatMulNBits' layout).

Rounding is symmetric around a fixed zero point, so no zero points are stored. "dynamic" keeps one scale
for a whole column and quantises activations too: fast, and its error grows with outlier activations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from polylsp.errors import ModelError
from polylsp.export.families import Array

BITS = {"int8": 8, "int4": 4}
BLOCKS = (16, 32, 64, 128, 256)  # What the runtime has kernels for.
_ACCURACY_LEVEL = 4  # Activations as int8 inside MatMulNBits, block by block: fast, and safe.


@dataclass(frozen=True, slots=True)
class Format:
    """How the matrices are stored."""

    weights: str  # "fp32", "int8", "int4" or "dynamic".
    block: int = 64  # Values that share a scale, one of BLOCKS; int8 and int4 only.

    @property
    def name(self) -> str:
        return f"{self.weights}-b{self.block}" if self.weights in BITS else self.weights

    @property
    def packs(self) -> bool:
        """Whether matrices are stored in fewer bits at all."""
        return self.weights != "fp32"


@dataclass(frozen=True, slots=True)
class Packed:
    """A product with a quantised matrix: the operation, and what it takes beside the other factor."""

    op: str
    constants: dict[str, Array]  # In the order in which they are inputs.
    blanks: int  # Inputs left out between them and a bias.
    attributes: dict[str, Any]

    def inputs(self, x: str, bias: str) -> list[str]:
        """The operation's inputs; `bias` may be ""."""
        return [x, *self.constants, *([""] * self.blanks + [bias] if bias else [])]


def pack(name: str, matrix: Array, weights: Format) -> Packed:
    """x · matrixᵀ, with the matrix [N, K] in fewer bits. Raises ModelError where K makes no blocks."""
    if weights.weights == "dynamic":
        codes, scales = columns(matrix.T)
        stored = {f"{name}.codes": codes, f"{name}.scales": scales}
        return Packed("DynamicQuantizeMatMul", stored, 1, {})
    bits, (rows, length) = BITS[weights.weights], matrix.shape
    block = block_for(length, weights.block)
    codes, scales = blocks(matrix, bits, block)
    stored = {f"{name}.codes{bits}": codes, f"{name}.scales{bits}": scales}
    attributes = {"K": length, "N": rows, "bits": bits, "block_size": block}
    return Packed("MatMulNBits", stored, 2, {**attributes, "accuracy_level": _ACCURACY_LEVEL})


def blocks(matrix: Array, bits: int, block: int) -> tuple[Array, Array]:
    """Quantise [N, K] by blocks along K.

    Returns codes as uint8 [N, K / block, block · bits / 8] and scales as float32 [N, K / block].
    """
    rows, length = matrix.shape
    grouped = matrix.reshape(rows, length // block, block).astype(np.float32)
    if bits == 8:
        scales = np.abs(grouped).max(-1) / 127.0
        scales[scales == 0] = 1.0
        codes = np.clip(np.rint(grouped / scales[..., None]), -127, 127) + 128
        return codes.astype(np.uint8), scales
    # Four bits reach from -8 to 7: the value of largest magnitude takes -8, whatever its sign.
    peak = np.take_along_axis(grouped, np.abs(grouped).argmax(-1)[..., None], -1)[..., 0]
    scales = peak / -8.0
    scales[scales == 0] = 1.0
    codes = np.clip(np.rint(grouped / scales[..., None]) + 8, 0, 15).astype(np.uint8)
    return codes[..., 0::2] | (codes[..., 1::2] << 4), scales


def columns(matrix: Array) -> tuple[Array, Array]:
    """Quantise [K, N] with one scale a column; codes as int8 [K, N] and scales as float32 [N]."""
    scales = np.abs(matrix).max(0) / 127.0
    scales[scales == 0] = 1.0
    return np.clip(np.rint(matrix / scales), -127, 127).astype(np.int8), scales.astype(np.float32)


def block_for(length: int, wanted: int) -> int:
    """The largest block not above `wanted` that divides a row of `length` values.

    Raises ModelError where there is none.
    """
    fitting = [block for block in BLOCKS if block <= wanted and length % block == 0]
    if not fitting:
        raise ModelError(
            f"rows of {length} values cannot be cut into blocks of {wanted} or less: "
            "choose --weights fp32 or dynamic"
        )
    return fitting[-1]
