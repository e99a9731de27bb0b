"""What memory costs: large indexes that are made of small packages, and what is timed on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from polylsp.engine.memory import LONGEST
from polylsp.evals import cost
from polylsp.models.registry import Model
from tests.evals.conftest import SAMPLE


def test_an_index_has_as_many_lines_and_no_copy_twice(embedded: Model) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    lines, ids = text.count("\n"), embedded.tokenizer.encode(text)
    index = cost.indexed([text], [np.array(ids, np.uint32)], embedded.tokenizer, 4 * lines)
    history = ids[: len(ids) // 2][-LONGEST:]
    longest = index.look(history)[0]
    assert longest.length == LONGEST
    assert longest.total == 1, "the other copies say it in other words"
    assert sum(len(one) for one in index._arrays) == 4 * (len(ids) + 1)


def test_every_size_is_timed(embedded: Model, package: Path) -> None:
    files = sorted(package.iterdir())
    found = cost.measure(embedded, files, package / "first.py", (200, 2000), keys=8, tokens=32)
    assert list(found["lines"]) == ["200", "2000"]
    assert found["keys"] == 8 - 5
    assert 16 <= found["tokens"] <= 32
    for row in found["lines"].values():
        for what in ("token", "block_token", "lookup", "key"):
            assert 0 < row[f"{what}_p50_ms"] <= row[f"{what}_p95_ms"]
