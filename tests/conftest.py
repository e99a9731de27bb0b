"""Fixtures that several rooms share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from polylsp.config import Config
from polylsp.models.registry import Model, load_model

# A busy machine is no reason to fail: properties are about results, and hangs show by themselves.
settings.register_profile("polylsp", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("polylsp")


@pytest.fixture(scope="session", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes what belongs to whoever runs it; nor do servers that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLYLSP_MODELS", str(tmp_path_factory.mktemp("store")))
        statistics = tmp_path_factory.mktemp("statistics") / "statistics.db"
        patch.setenv("POLYLSP_STATISTICS", str(statistics))
        patch.setenv("POLYLSP_INDEX", str(tmp_path_factory.mktemp("indexes")))
        yield


@pytest.fixture(scope="session")
def embedded() -> Model:
    """The embedded model, loaded once: it is read only, every completer makes tapes of its own."""
    return load_model("embedded", Config().engine)
