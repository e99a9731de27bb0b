"""Fetching from a hub: a local one, which serves what a published folder has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polylsp.errors import ModelError
from polylsp.models import hub
from polylsp.models.hub import SourceError
from tests import tinies
from tests.models import hubs

ID = "somebody/Tiny-Model"
NEEDED = {"README.md", "config.json", "model.safetensors", "tokenizer.json"}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    """A hub with a tiny checkpoint, and beside it files that nobody needs."""
    folder = tinies.checkpoint(tmp_path / "published")
    (folder / "README.md").write_text("# Tiny\n", encoding="utf-8")
    for name in ("flax_model.msgpack", "pytorch_model.bin", "train.py"):
        (folder / name).write_bytes(b"\0" * 100)
    with hubs.serving(hubs.Hub(models={ID: folder})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def test_an_offer_is_what_a_conversion_needs(served: hubs.Hub) -> None:
    offer = hub.ask(ID)
    assert set(offer.sizes) == NEEDED
    assert (offer.licence, offer.revision) == ("mit", hubs.REVISION)
    assert offer.bytes == sum((served.models[ID] / name).stat().st_size for name in NEEDED)


def test_a_fetched_file_is_the_one_that_was_published(served: hubs.Hub, tmp_path: Path) -> None:
    receipt = hub.fetch(hub.ask(ID), tmp_path / "here", "")
    assert set(receipt.files) == NEEDED
    for name in NEEDED:
        assert (tmp_path / "here" / name).read_bytes() == (served.models[ID] / name).read_bytes()


def test_a_broken_connection_goes_on_where_it_stopped(served: hubs.Hub, tmp_path: Path) -> None:
    weights = served.models[ID] / "model.safetensors"
    weights.write_bytes(bytes(range(256)) * 50_000)  # 12.8 MB: it is written in pieces of ten.
    served.breaks_after = 11 * 2**20
    hub.fetch(hub.ask(ID), tmp_path / "here", "")
    assert (tmp_path / "here" / "model.safetensors").read_bytes() == weights.read_bytes()
    asked = [one for one in served.requests if "GET" in one and "model.safetensors" in one]
    assert len(asked) == 2
    assert asked[1].endswith(f"bytes={10 * 2**20}-")


def test_bytes_that_are_not_the_hubs_own_are_deleted(served: hubs.Hub, tmp_path: Path) -> None:
    served.wrong_hashes = True
    with pytest.raises(ModelError, match=r"model\.safetensors of somebody/Tiny-Model is not what"):
        hub.fetch(hub.ask(ID), tmp_path / "here", "")
    assert not (tmp_path / "here" / "model.safetensors").exists()


def test_pickles_are_fetched_where_there_is_nothing_else(served: hubs.Hub) -> None:
    (served.models[ID] / "model.safetensors").unlink()
    assert "pytorch_model.bin" in hub.ask(ID).sizes


def test_a_repository_without_weights_is_told(served: hubs.Hub) -> None:
    for name in ("model.safetensors", "pytorch_model.bin"):
        (served.models[ID] / name).unlink()
    with pytest.raises(ModelError, match="holds no weights that polylsp reads"):
        hub.ask(ID)


def test_an_unknown_id_is_told(served: hubs.Hub) -> None:
    with pytest.raises(SourceError, match="has no model 'somebody/else'"):
        hub.ask("somebody/else")


def test_a_hub_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hubs.closed())
    with pytest.raises(SourceError, match=r"cannot be reached .*refused.*is there a network\?"):
        hub.ask(ID)


def test_a_silent_hub_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with hubs.silent() as url:
        monkeypatch.setenv("HF_ENDPOINT", url)
        with pytest.raises(SourceError, match="did not answer in 0 seconds"):
            hub.ask(ID, patience=0.2)


def test_nobody_waits_longer_than_five_seconds() -> None:
    assert hub.PATIENCE <= 5
