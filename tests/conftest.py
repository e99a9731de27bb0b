"""Fixtures that several rooms share."""

from __future__ import annotations

import pytest

from polylsp.config import Config
from polylsp.models.registry import Model, load_model


@pytest.fixture(scope="session")
def embedded() -> Model:
    """The embedded model, loaded once: it is read only, every completer makes tapes of its own."""
    return load_model("embedded", Config().engine.threads)
