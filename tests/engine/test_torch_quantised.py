"""Matrices in fewer bits are those that were quantised."""

from __future__ import annotations

import numpy as np
import pytest

from polylsp.export.quantise import blocks

pytestmark = pytest.mark.heavy


@pytest.mark.parametrize(("bits", "bound"), [(8, 0.01), (4, 0.2)])
def test_a_matrix_becomes_whole_again(bits: int, bound: float) -> None:
    import torch

    from polylsp.engine.torch_quantised import Quantised

    random = np.random.default_rng(0)
    matrix = random.normal(0, 1, (48, 96)).astype(np.float32)
    codes, scales = blocks(matrix, bits, 32)
    bias = torch.from_numpy(random.normal(0, 1, 48).astype(np.float32))
    quantised = Quantised(torch.from_numpy(codes), torch.from_numpy(scales), bias)
    whole = quantised.whole(96)
    error = (whole.numpy() - matrix).std()
    assert 0 < error < bound
    x = torch.randn(3, 96)
    assert torch.allclose(quantised(x), x @ whole.T + bias, atol=1e-4)
