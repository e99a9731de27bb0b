"""Weights in fewer bits: how far off they may be, and how they lie in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from polylsp.errors import ModelError
from polylsp.export.families import Array
from polylsp.export.quantise import BITS, Format, block_for, blocks, pack

MATRICES = arrays.arrays(np.float32, (3, 64), elements=st.floats(-100, 100, width=32))


def unpacked(codes: Array, bits: int) -> Array:
    """One code a value, around zero: the low half of a byte comes first."""
    if bits == 8:
        return codes.astype(np.float32) - 128
    halves = np.stack([codes & 15, codes >> 4], -1).reshape(*codes.shape[:2], -1)
    return halves.astype(np.float32) - 8


@given(MATRICES, st.sampled_from([8, 4]), st.sampled_from([16, 32, 64]))
@example(np.full((3, 64), 1e-45, np.float32), 4, 64)  # A seventh of it is no number any more.
def test_no_value_is_further_off_than_its_block_allows(
    matrix: Array, bits: int, block: int
) -> None:
    codes, scales = blocks(matrix, bits, block)
    assert codes.shape == (3, 64 // block, block * bits // 8)
    assert scales.shape == (3, 64 // block)
    found = (unpacked(codes, bits) * scales[..., None]).reshape(3, 64)
    # Half a step; of four bits, what is larger than the largest code may be more than a step off.
    steps = np.abs(scales) * (0.5 if bits == 8 else 3)
    bound = np.repeat(steps, block, -1) * 1.001 + 1e-6
    assert (np.abs(found - matrix) <= bound).all()


@given(MATRICES)
def test_the_largest_value_of_a_block_is_kept_in_eight_bits(matrix: Array) -> None:
    codes, scales = blocks(matrix, 8, 32)
    found = (unpacked(codes, 8) * scales[..., None]).reshape(6, 32)
    given_ = matrix.reshape(6, 32)
    at = np.abs(given_).argmax(-1)
    rows = np.arange(6)
    assert np.allclose(found[rows, at], given_[rows, at], rtol=1e-5, atol=1e-6)


def test_four_bits_are_nearer_than_with_the_scale_of_the_largest_value() -> None:
    matrix = np.random.default_rng(0).normal(0, 1, (64, 256)).astype(np.float32)
    codes, scales = blocks(matrix, 4, 32)
    found = (unpacked(codes, 4) * scales[..., None]).reshape(-1, 32)
    grouped = matrix.reshape(-1, 32)
    peak = np.take_along_axis(grouped, np.abs(grouped).argmax(-1)[:, None], -1)
    plain = np.clip(np.rint(grouped / (peak / -8)), -8, 7) * (peak / -8)

    def error(rounded: Array) -> float:
        return float((grouped**2 * (grouped - rounded) ** 2).mean())

    assert error(found) < 0.9 * error(plain)


def test_matrices_of_any_size_are_packed_as_their_rows_are() -> None:
    matrix = np.random.default_rng(0).normal(0, 1, (700, 1024)).astype(np.float32)
    for bits in BITS.values():
        codes, scales = blocks(matrix, bits, 64)
        for row in (0, 255, 256, 699):
            alone = blocks(matrix[row : row + 1], bits, 64)
            assert np.array_equal(codes[row], alone[0][0])
            assert np.array_equal(scales[row], alone[1][0])


def test_embedding_and_head_keep_eight_bits() -> None:
    four = Format("int4", 32)
    assert [four.of(part).name for part in ("embed", "head", "3.up")] == [
        "int8-b32",
        "int8-b32",
        "int4-b32",
    ]
    assert Format("fp32").of("head") == Format("fp32")


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
    names = [Format(weights, 32).name for weights in ("fp32", "fp16", "int8", "int4")]
    assert names == ["fp32", "fp16", "int8-b32", "int4-b32"]
