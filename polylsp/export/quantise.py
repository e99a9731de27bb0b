"""Weights in fewer bits: blocks of a row share a scale (com.microsoft.MatMulNBits' layout).

Rounding is symmetric around a fixed zero point, so no zero points are stored. "dynamic" keeps one scale
for a whole column and quantises activations too: fast, and its error grows with outlier activations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from polylsp.export.checkpoint import Array


@dataclass(frozen=True, slots=True)
class Format:
    """How the matrices are stored."""

    weights: str  # "fp32", "int8", "int4" or "dynamic".
    block: int = 64  # Values that share a scale; int8 and int4 only.

    @property
    def name(self) -> str:
        return f"{self.weights}-b{self.block}" if self.weights in BITS else self.weights


BITS = {"int8": 8, "int4": 4}


def blocks(matrix: Array, bits: int, block: int) -> tuple[Array, Array]:
    """Quantise [N, K] by blocks along K.

    Returns codes as uint8 [N, K / block, block · bits / 8] and scales as float32 [N, K / block].
    """
    rows, columns = matrix.shape
    grouped = matrix.reshape(rows, columns // block, block).astype(np.float32)
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


def block_for(columns: int, wanted: int) -> int:
    """The largest block not above `wanted` that divides a row of `columns` values (at least 16)."""
    block = wanted
    while columns % block and block > 16:
        block //= 2
    return block
