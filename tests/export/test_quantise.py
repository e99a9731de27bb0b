"""Weights in fewer bits: how far off they may be, and how they lie in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from polylsp.errors import ModelError
from polylsp.export.families import Array
from polylsp.export.quantise import BITS, Format, block_for, blocks, columns, pack

MATRICES = arrays.arrays(np.float32, (3, 64), elements=st.floats(-100, 100, width=32))


def unpacked(codes: Array, bits: int) -> Array:
    """One code a value, around zero: the low half of a byte comes first."""
    if bits == 8:
        return codes.astype(np.float32) - 128
    halves = np.stack([codes & 15, codes >> 4], -1).reshape(*codes.shape[:2], -1)
    return halves.astype(np.float32) - 8


@given(MATRICES, st.sampled_from([8, 4]), st.sampled_from([16, 32, 64]))
def test_no_value_is_further_off_than_its_block_allows(
    matrix: Array, bits: int, block: int
) -> None:
    codes, scales = blocks(matrix, bits, block)
    assert codes.shape == (3, 64 // block, block * bits // 8)
    assert scales.shape == (3, 64 // block)
    found = (unpacked(codes, bits) * scales[..., None]).reshape(3, 64)
    # Half a step; of four bits, the end without a code of its own may be a whole step off.
    steps = np.abs(scales) * (0.5 if bits == 8 else 1)
    bound = np.repeat(steps, block, -1) * 1.001 + 1e-6
    assert (np.abs(found - matrix) <= bound).all()


@given(MATRICES, st.sampled_from([8, 4]))
def test_the_largest_value_of_a_block_is_kept(matrix: Array, bits: int) -> None:
    codes, scales = blocks(matrix, bits, 32)
    found = (unpacked(codes, bits) * scales[..., None]).reshape(6, 32)
    given_ = matrix.reshape(6, 32)
    at = np.abs(given_).argmax(-1)
    rows = np.arange(6)
    assert np.allclose(found[rows, at], given_[rows, at], rtol=1e-5, atol=1e-6)


@given(MATRICES)
def test_a_column_shares_one_scale(matrix: Array) -> None:
    codes, scales = columns(matrix.T)
    assert codes.dtype == np.int8
    assert (codes.shape, scales.shape) == ((64, 3), (3,))
    found = codes.astype(np.float32) * scales
    assert (np.abs(found - matrix.T) <= scales * 0.5001 + 1e-6).all()


def test_zeros_stay_zeros() -> None:
    for bits in BITS.values():
        codes, scales = blocks(np.zeros((2, 32), np.float32), bits, 32)
        assert (unpacked(codes, bits) == 0).all()
        assert np.isfinite(scales).all()


@pytest.mark.parametrize(
    ("length", "wanted", "block"), [(320, 64, 64), (320, 128, 64), (768, 256, 256), (48, 64, 16)]
)
def test_a_block_divides_a_row(length: int, wanted: int, block: int) -> None:
    assert block_for(length, wanted) == block


def test_a_row_that_makes_no_blocks_is_refused_with_a_way_out() -> None:
    with pytest.raises(ModelError, match="--weights fp32"):
        block_for(40, 64)
    with pytest.raises(ModelError, match="--weights fp32"):
        pack("x", np.ones((4, 40), np.float32), Format("int8"))


def test_a_format_tells_its_block_only_where_it_has_one() -> None:
    names = [Format(weights, 32).name for weights in ("fp32", "int8", "int4", "dynamic")]
    assert names == ["fp32", "int8-b32", "int4-b32"]
