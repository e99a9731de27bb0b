"""Where models lie."""

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs
import pytest

from polylsp.errors import ModelError
from polylsp.models import store
from polylsp.models.store import Receipt


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLYLSP_MODELS", str(tmp_path))
    return tmp_path


def receive(name: str, **files: bytes) -> Path:
    folder = store.incoming(name)
    for file, data in files.items():
        (folder / file).write_bytes(data)
    hashes = {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}
    store.received(name, Receipt("hub", "a/b", "1", "MIT", "", hashes))
    return folder


def test_the_store_is_where_the_system_keeps_such_things(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLYLSP_MODELS")
    assert store.root() == platformdirs.user_data_path("polylsp") / "models"


def test_an_unfinished_download_is_no_source() -> None:
    store.incoming("model")
    assert store.names() == ["model"]
    assert store.source("model") is None


def test_a_received_model_is_found_and_whole() -> None:
    folder = receive("model", weights=b"abc")
    assert store.source("model") == folder
    assert list(store.damaged("model")) == []


def test_damage_is_told_file_by_file() -> None:
    folder = receive("model", one=b"abc", two=b"def", three=b"ghi")
    (folder / "one").write_bytes(b"abd")
    (folder / "two").unlink()
    assert [line.partition(" is ")[2] for line in store.damaged("model")] == [
        "not what was downloaded: its SHA-256 is another",
        "missing",
    ]


def test_a_damaged_receipt_is_told() -> None:
    folder = receive("model", one=b"abc")
    (folder / "source.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="`polylsp models pull model`"):
        store.source("model")


def test_removing_frees_what_it_says() -> None:
    folder = receive("model", one=b"abc" * 1000)
    assert store.remove("model") >= 3000
    assert not folder.exists()
    with pytest.raises(ModelError, match="there is no 'model' in"):
        store.remove("model")


@pytest.mark.parametrize("name", ["..", ".", "", "model/source", "/"])
def test_nothing_but_a_model_can_be_removed(name: str) -> None:
    folder = receive("model", one=b"abc")
    with pytest.raises(ModelError, match="there is no"):
        store.remove(name)
    assert folder.exists()


def test_a_checkpoint_elsewhere_has_another_key_once_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "some.gguf"
    file.write_bytes(b"abc")
    before = store.key(file, [file])
    assert before == store.key(file, [file])
    assert before.startswith("some-")
    file.write_bytes(b"abcd")
    assert store.key(file, [file]) != before
