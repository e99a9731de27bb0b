"""The plain model agrees with the graphs that are served, for every family and every part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.load import load
from polylsp.export import reference
from polylsp.export.checkpoint import load as read
from tests import tinies

IDS = np.random.default_rng(3).integers(5, 250, 40).tolist()


@pytest.mark.parametrize("tiny", tinies.TINIES, ids=lambda tiny: tiny.name)
def test_it_computes_what_our_graph_does(tiny: tinies.Tiny, tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path, tiny)
    wanted = reference.logits(read(tmp_path / "source"), IDS)
    found = load(folder, threads=2).tape().extend(IDS, last=len(IDS))
    assert wanted.dtype == np.float32
    assert np.abs(found - wanted).max() < 1e-3 * wanted.std()
