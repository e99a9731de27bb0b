"""From what a setting says to a folder that is ready to run; nothing is downloaded on the way."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from polylsp.config import EngineConfig
from polylsp.engine.load import MANIFEST, manifest
from polylsp.errors import ModelError
from polylsp.models import store
from polylsp.models.resolve import EMBEDDED, Checkpoint, locate, resolve
from polylsp.models.store import Receipt
from tests import tinies

ONNX = EngineConfig(backend="onnx")


def ignore(_: str) -> None:
    """Nobody is told."""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLYLSP_MODELS", str(tmp_path / "store"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    return tmp_path / "store"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return tinies.checkpoint(tmp_path / "mine")


def pulled(name: str) -> None:
    """As if a checkpoint had been downloaded under that name."""
    tinies.checkpoint(store.incoming(name))
    store.received(name, Receipt("hub", "a/b", "1", "MIT", "", {}))


def test_the_embedded_model_is_used_as_it_is() -> None:
    assert resolve("embedded", EngineConfig(model_memory=1), ignore).folder == EMBEDDED


def test_a_model_folder_is_used_as_it_is(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path)
    assert resolve(str(folder), ONNX, ignore).folder == folder
    assert resolve(str(folder / "model.onnx"), ONNX, ignore).folder == folder


def test_a_home_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tinies.exported(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert locate("~/model") == folder


def test_a_checkpoint_is_converted_once(checkpoint: Path, root: Path) -> None:
    said: list[str] = []
    ready = resolve(str(checkpoint), ONNX, said.append)
    assert ready.folder.name == "onnx-int8"
    assert ready.folder.parent.parent == root
    assert manifest(ready.folder)["name"] == "mine"
    assert "converting mine for onnx, weights int8" in said[0]
    again: list[str] = []
    assert resolve(str(checkpoint), ONNX, again.append) == ready
    assert again == []


def test_a_changed_checkpoint_is_converted_again(checkpoint: Path) -> None:
    before = resolve(str(checkpoint), ONNX, ignore).folder
    (checkpoint / "README.md").write_text("# Other weights\n", encoding="utf-8")
    assert resolve(str(checkpoint), ONNX, ignore).folder != before


def test_settings_say_how_weights_are_stored(checkpoint: Path) -> None:
    for weights in ("fp32", "int4"):
        folder = resolve(str(checkpoint), replace(ONNX, weights=weights), ignore).folder
        assert folder.name == f"onnx-{weights}"
        assert manifest(folder)["weights"].startswith(weights)


def test_what_was_pulled_is_found_by_name_and_by_id() -> None:
    pulled("polycoder-160m")
    by_name = resolve("polycoder-160m", ONNX, ignore).folder
    assert by_name == store.home("polycoder-160m") / "onnx-int8"
    assert manifest(by_name)["licence"] == "MIT"
    assert resolve("NinedayWang/PolyCoder-160M", ONNX, ignore).folder == by_name


def test_a_pulled_model_is_used_without_what_it_was_made_from() -> None:
    pulled("polycoder-160m")
    folder = resolve("polycoder-160m", ONNX, ignore).folder
    shutil.rmtree(store.home("polycoder-160m") / "source")
    assert resolve("polycoder-160m", ONNX, ignore).folder == folder
    with pytest.raises(ModelError, match=r"is gone, .*`polylsp models pull polycoder-160m`"):
        resolve("polycoder-160m", replace(ONNX, weights="fp32"), ignore)


def test_the_hubs_own_cache_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    revision = "0" * 40
    place = tmp_path / "cache" / "models--somebody--tiny"
    tinies.checkpoint(place / "snapshots" / revision)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(revision, encoding="utf-8")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    found = locate("somebody/tiny")
    assert isinstance(found, Checkpoint)
    assert found.path == place / "snapshots" / revision


def test_what_was_not_pulled_is_told_how() -> None:
    with pytest.raises(
        ModelError,
        match=r"not on this machine: `polylsp models pull smollm2-135m` \(272 MB, licence Apache-2.0\)",
    ):
        resolve("smollm2-135m", ONNX, ignore)
    with pytest.raises(ModelError, match="`polylsp models pull someone/else` fetches it"):
        resolve("someone/else", ONNX, ignore)


@pytest.mark.parametrize("spec", ["gpt", "~nobody-at-all/model", "\0", "a/b/c"])
def test_a_name_of_nothing_is_told_what_could_be_given(spec: str) -> None:
    with pytest.raises(ModelError, match=r"give 'embedded', a name \(polycoder-160m, "):
        resolve(spec, ONNX, ignore)


def test_a_folder_or_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="is not a polylsp model folder"):
        resolve(str(tmp_path / "empty"), ONNX, ignore)
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match=r"notes\.txt is no model"):
        resolve(str(tmp_path / "notes.txt"), ONNX, ignore)


def test_a_truncated_checkpoint_is_told_and_leaves_nothing(checkpoint: Path) -> None:
    file = checkpoint / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"model\.safetensors cannot be read"):
        resolve(str(checkpoint), ONNX, ignore)
    assert not list(store.root().rglob(MANIFEST))


def test_torch_has_no_weights_of_eight_bits(checkpoint: Path) -> None:
    with pytest.raises(ModelError, match=r"torch has no int8 weights: set engine\.weights to auto"):
        resolve(str(checkpoint), EngineConfig(backend="torch", weights="int8"), ignore)


def test_fewer_bits_are_taken_where_memory_lacks() -> None:
    pulled("large")
    both = [resolve("large", replace(ONNX, weights=one), ignore) for one in ("int8", "int4")]
    grow(both[0].folder, 40)
    ready = resolve("large", replace(ONNX, model_memory=180), ignore)
    assert ready.folder == both[1].folder
    assert ready.note == "large needs 194 MB as int8 of memory, 180 MB can be had: int4 is used"


def test_a_smaller_model_that_is_here_stands_in() -> None:
    for name, size in (("large", 90), ("medium", 30), ("small", 10)):
        pulled(name)
        grow(resolve(name, ONNX, ignore).folder, size)
    pulled("huge")
    for weights in ("int8", "int4"):
        grow(resolve("huge", replace(ONNX, weights=weights), ignore).folder, 200)
    ready = resolve("huge", replace(ONNX, model_memory=200), ignore)
    assert ready.folder == store.home("medium") / "onnx-int8"
    assert "huge needs 370 MB as int8 and 370 MB as int4 of memory, 200 MB can be had" in ready.note
    assert "medium stands in" in ready.note


def test_insisting_on_weights_that_do_not_fit_is_told(checkpoint: Path) -> None:
    insisting = EngineConfig("onnx", weights="fp32", model_memory=100)
    with pytest.raises(
        ModelError, match=r"needs \d+ MB as fp32 of memory, 100 MB can be had: set engine.weights"
    ):
        resolve(str(checkpoint), insisting, ignore)


def test_what_else_would_fit_is_told(checkpoint: Path) -> None:
    grow(folder := resolve(str(checkpoint), ONNX, ignore).folder, 1000)
    ready = resolve(str(folder), EngineConfig(model_memory=500), ignore)
    assert ready.folder == EMBEDDED
    assert "polycoder-160m would fit (`polylsp models pull polycoder-160m`)" in ready.note


def grow(folder: Path, megabytes: int) -> None:
    """Make the weights in a model folder that large; they are not loaded here."""
    with (folder / "model.onnx.data").open("r+b") as opened:
        opened.truncate(megabytes * 2**20)
