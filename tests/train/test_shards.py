"""What a step gets of the tokens on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from polylsp.errors import PolyError
from polylsp.train import shards
from polylsp.train.arrange import Arranged
from polylsp.train.shards import Stream


def _stream(folder: Path, *pieces: Sequence[Arranged]) -> Stream:
    rows = [
        shards.write(folder, f"{number:05}", [(one, 0) for one in piece])
        for number, piece in enumerate(pieces)
    ]
    (folder / shards.MANIFEST).write_text(json.dumps({"pieces": rows}), encoding="utf-8")
    return Stream(folder)


def _one(*ids: int, middle: int = 0, whole: bool = True) -> Arranged:
    return Arranged(np.array(ids, np.uint16), middle, whole)


def test_each_token_foretells_the_next_across_pieces_and_round_and_round(tmp_path: Path) -> None:
    stream = _stream(tmp_path, [_one(0, 1, 2), _one(0, 3)], [_one(0, 4, 5)])
    batch = stream.batch(6, 8, 4)
    assert batch.tokens.tolist() == [[4, 5, 0, 1], [2, 0, 3, 0]]
    assert batch.targets.tolist() == [[5, 0, 1, 2], [0, 3, 0, 4]]


def test_attention_stays_within_documents_and_windows(tmp_path: Path) -> None:
    stream = _stream(tmp_path, [_one(0, 1, 2), _one(0, 3, 4, 5, 6)])
    assert stream.batch(0, 8, 4).documents.tolist() == [[1, 1, 1, 2], [3, 3, 3, 3]]


def test_the_end_of_a_document_is_foretold_only_where_it_is_told(tmp_path: Path) -> None:
    stream = _stream(tmp_path, [_one(0, 1, whole=False), _one(0, 2), _one(0, 3)])
    assert stream.batch(0, 4, 4).weights.tolist() == [[1, 0, 1, 1]]


def test_what_stands_before_a_middle_can_count_less(tmp_path: Path) -> None:
    stream = _stream(tmp_path, [_one(0, 7, 8, 9, middle=2), _one(0, 1)])
    assert stream.batch(0, 5, 5, 0.5).weights.tolist() == [[0.5, 1, 1, 1, 1]]


def test_a_batch_depends_on_its_place_alone(shards: Path) -> None:
    first, second = Stream(shards), Stream(shards)
    first.batch(0, 512, 128)
    for one, other in zip(
        (first.batch(4096, 512, 128).tokens,), (second.batch(4096, 512, 128).tokens,), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(PolyError, match="train tokens"):
        Stream(tmp_path)
    _stream(tmp_path, [_one(0, 1)])
    (tmp_path / "00000.tokens.npy").unlink()
    with pytest.raises(PolyError, match="copy it again"):
        Stream(tmp_path)
