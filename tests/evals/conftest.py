"""A package whose files repeat one another in part, and what the embedded model makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.evals.positions import Positions
from polylsp.evals.reading import Plan, read
from polylsp.models.registry import Model

SAMPLE = Path(__file__).parent.parent / "samples" / "graph_search.py"


def write_package(root: Path) -> Path:
    """Two files with a third of their lines in common, a copy of the first, and a small one."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    third = len(lines) // 3
    first, second = lines[: 2 * third], lines[third:]
    root.mkdir()
    (root / "first.py").write_text("".join(first), encoding="utf-8")
    (root / "second.py").write_text("".join(second), encoding="utf-8")
    (root / "copy.py").write_text("".join(["import os\n", *first]), encoding="utf-8")
    (root / "small.py").write_text("value = 1\nother = value + 1\n", encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("packages") / "shop")


@pytest.fixture(scope="session")
def positions(embedded: Model, package: Path) -> Positions:
    files = {"python": [package / "first.py", package / "second.py"]}
    return read(embedded, [package], files, Plan(tokens=40, context=50))
