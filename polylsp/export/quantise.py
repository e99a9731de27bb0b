"""Weights in fewer bits: blocks of a row share a scale (com.microsoft.MatMulNBits' layout).

Rounding is symmetric around a fixed zero point, so no zero points are stored. Of four bits the scale is searched:
what the largest value loses by a smaller one, the others may gain.
"""

from __future__ import annotations

from collections.abc import Iterator
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

    weights: str  # "fp32", "fp16", "int8" or "int4".
    block: int = 32  # Values that share a scale, one of BLOCKS; int8 and int4 only.

    @property
    def name(self) -> str:
        return f"{self.weights}-b{self.block}" if self.packs else self.weights

    @property
    def packs(self) -> bool:
        """Whether matrices are stored in blocks."""
        return self.weights in BITS

    @property
    def half(self) -> bool:
        """Whether everything is computed in 16 bits, as GPUs do it best."""
        return self.weights == "fp16"

    @property
    def outer(self) -> Format:
        """How embedding and head are stored: eight bits even where others have four.

        Every token passes through them, and no other layer mends what they lose.
        """
        return Format("int8", self.block) if self.packs else self

    def of(self, part: str) -> Format:
        """How the matrix of that name of ours is stored."""
        return self.outer if part in ("embed", "head") else self


@dataclass(frozen=True, slots=True)
class Packed:
    """A product with a quantised matrix: MatMulNBits, and what it takes beside the other factor."""

    constants: dict[str, Array]  # In the order in which they are inputs.
    attributes: dict[str, Any]

    def inputs(self, x: str, bias: str) -> list[str]:
        """The operation's inputs; `bias` may be ""."""
        return [x, *self.constants, *(["", "", bias] if bias else [])]


def pack(name: str, matrix: Array, weights: Format) -> Packed:
    """x · matrixᵀ, with the matrix [N, K] in fewer bits. Raises ModelError where K makes no blocks."""
    bits, (rows, length) = BITS[weights.weights], matrix.shape
    block = block_for(length, weights.block)
    codes, scales = blocks(matrix, bits, block)
    stored = {f"{name}.codes{bits}": codes, f"{name}.scales{bits}": scales}
    attributes = {"K": length, "N": rows, "bits": bits, "block_size": block}
    return Packed(stored, {**attributes, "accuracy_level": _ACCURACY_LEVEL})


def blocks(matrix: Array, bits: int, block: int) -> tuple[Array, Array]:
    """Quantise [N, K] by blocks along K.

    Returns codes as uint8 [N, K / block, block · bits / 8] and scales as float32 [N, K / block].
    """
    rows, length = matrix.shape
    codes = np.empty((rows, length // block, block * bits // 8), np.uint8)
    scales = np.empty((rows, length // block), np.float32)
    for some in _pieces(rows, length):
        grouped = matrix[some].reshape(-1, length // block, block).astype(np.float32)
        codes[some], scales[some] = _eight(grouped) if bits == 8 else _four(grouped)
    return codes, scales


def whole(codes: Array, scales: Array) -> Array:
    """The matrix [N, K] of codes of eight bits and their scales, as `blocks` made them, in float32."""
    values = (codes.astype(np.float32) - 128) * scales.reshape(*codes.shape[:2], 1)
    matrix: Array = values.reshape(len(codes), -1)
    return matrix


_AT_ONCE = 1 << 18  # Values; few enough to stay in the processor's cache.


def _pieces(rows: int, length: int) -> Iterator[slice]:
    step = max(1, _AT_ONCE // length)
    return (slice(start, start + step) for start in range(0, rows, step))


def _eight(grouped: Array) -> tuple[Array, Array]:
    scales = _nonzero(np.abs(grouped).max(-1) / np.float32(127))
    codes = np.clip(np.rint(grouped / scales[..., None]), -127, 127) + 128
    return codes.astype(np.uint8), scales


# Four bits reach from -8 to 7. A scale is tried for each: the value of largest magnitude, whatever its sign,
# would take that code if there were fractions of it; beyond 8 it is cut off.
_REACHES = (-8.0, -7.0, -7.5, -8.5, -9.0, -9.5, -10.0)


def _four(grouped: Array) -> tuple[Array, Array]:
    """The codes and scales with the least error, in which large weights count more (as the square)."""
    at = np.abs(grouped).argmax(-1)[..., None]
    peak = _nonzero(np.take_along_axis(grouped, at, -1))
    values = (
        grouped / peak
    )  # From -1 to 1, whose squares are numbers however small the weights are.
    weight = values * values
    best = np.full(at.shape, np.inf, np.float32)
    codes, scales = np.zeros_like(grouped), np.ones_like(peak)
    for reach in _REACHES:
        tried = np.clip(np.rint(values * np.float32(reach)), -8, 7)
        weighted = weight * tried
        # The scale with the least error for these codes, which need not be the one they came from.
        length = (weighted * tried).sum(-1, keepdims=True)
        scale = (weighted * values).sum(-1, keepdims=True) / _nonzero(length)
        error = (weight * (values - tried * scale) ** 2).sum(-1, keepdims=True)
        better = error < best
        best = np.where(better, error, best)
        scales = np.where(better, scale, scales)
        codes = np.where(better, tried, codes)
    scales = scales * peak
    codes[np.broadcast_to(scales == 0, codes.shape)] = 0  # Too small for a step: all of it is 0.
    whole = (codes + 8).astype(np.uint8)
    return whole[..., 0::2] | (whole[..., 1::2] << 4), _nonzero(scales)[..., 0]


def _nonzero(scales: Array) -> Array:
    scales[scales == 0] = 1.0
    return scales


def block_for(length: int, wanted: int) -> int:
    """The largest block not above `wanted` that divides a row of `length` values.

    Raises ModelError where there is none.
    """
    fitting = [block for block in BLOCKS if block <= wanted and length % block == 0]
    if not fitting:
        raise ModelError(
            f"rows of {length} values cannot be cut into blocks of {wanted} or less: "
            "choose --weights fp32"
        )
    return fitting[-1]
