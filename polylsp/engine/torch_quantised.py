"""Matrices in 8 or 4 bits: blocks of a row share a scale, as `export.quantise` writes them.

They become whole again just before they are multiplied with, one at a time, on any device: this saves memory, not
time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from polylsp.engine.torch_model import Tensor


@dataclass(frozen=True, slots=True)
class Quantised:
    """x · matrixᵀ + bias."""

    codes: Tensor  # uint8 [N, K / block, block · bits / 8]; of four bits, the earlier value is the lower half.
    scales: Tensor  # [N, K / block], in the type of x.
    bias: Tensor | None

    def __call__(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.whole(x.shape[-1]), self.bias)

    def whole(self, length: int) -> Tensor:
        """The matrix, [N, length], in the type of the scales."""
        codes, zero = self.codes, 128
        if codes[0].numel() != length:
            codes, zero = torch.stack((codes & 15, codes >> 4), -1).flatten(-2), 8
        values = codes.to(self.scales.dtype) - zero
        return (values * self.scales[..., None]).flatten(1)
