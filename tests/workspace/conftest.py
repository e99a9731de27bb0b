"""A folder of three files, a tokenizer, and a place for indexes."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.prompt.tokenizer import Tokenizer
from tests import tinies
from tests.workspace.folders import function, put


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return tinies.tokenizer(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("alpha", "beta", "gamma"):
        put(tmp_path / "root", f"src/{name}.py", function(name))
    return tmp_path / "root"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
