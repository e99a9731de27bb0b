"""Converting into the store, and GGUF files that llama.cpp runs as they are."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

from polylsp.config import EngineConfig
from polylsp.engine.load import MANIFEST, manifest
from polylsp.errors import ModelError
from polylsp.models import memory, store
from polylsp.models.convert import convert, needs
from polylsp.models.resolve import resolve
from tests import tinies
from tests.export import makers


def ignore(_: str) -> None:
    """Nobody is told."""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYLSP_MODELS", str(tmp_path / "store"))


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    makers.gguf(tmp_path / "tiny.gguf", tinies.LLAMA)
    return tmp_path / "tiny.gguf"


def test_a_gguf_file_is_converted_as_a_folder_is(gguf: Path) -> None:
    folder = resolve(str(gguf), EngineConfig("onnx", "fp32"), ignore).folder
    assert folder.name == "onnx-fp32"
    assert manifest(folder)["name"] == "tiny"


def test_llama_cpp_is_given_the_file_as_it_is(gguf: Path) -> None:
    folder = resolve(str(gguf), EngineConfig("gguf"), ignore).folder
    assert folder.name == "gguf-as-it-is"
    assert (folder / "model.gguf").samefile(gguf)
    about = manifest(folder)
    assert about["engine"] == {"backend": "gguf", "context": tinies.LLAMA.context}
    assert (folder / "tokenizer.json").is_file()
    assert resolve(str(gguf), EngineConfig("gguf"), ignore).folder == folder


def test_a_file_is_copied_where_it_cannot_be_linked(
    gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", fail)
    monkeypatch.setattr(Path, "symlink_to", fail)
    folder = resolve(str(gguf), EngineConfig("gguf"), ignore).folder
    assert not (folder / "model.gguf").samefile(gguf)
    assert (folder / "model.gguf").read_bytes() == gguf.read_bytes()


def test_needs_are_told_before_anything_is_converted(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    by_format = [needs(source, weights) for weights in ("fp32", "int8", "int4")]
    assert by_format == sorted(by_format, reverse=True)
    assert not store.root().exists()


def test_without_the_exporter_its_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def light(name: str, *others: Any) -> Any:
        if name.split(".")[0] in ("onnx", "gguf", "safetensors"):
            raise ImportError(name, name=name)
        return real(name, *others)

    source = tinies.checkpoint(tmp_path / "source")
    for module in [one for one in sys.modules if one.startswith(("polylsp.export", "onnx"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", light)
    with pytest.raises(ModelError, match=r"needs \w+: pip install 'polylsp\[export\]'"):
        convert(source, tmp_path / "onnx-int8", "int8", "tiny", "", ignore)


def test_what_somebody_else_converted_meanwhile_is_as_good(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    for _ in range(2):
        convert(source, tmp_path / "onnx-fp32", "fp32", "tiny", "", ignore)
    assert (tmp_path / "onnx-fp32" / MANIFEST).is_file()


def test_a_failed_conversion_leaves_nothing(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    (source / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError):
        convert(source, tmp_path / "made" / "onnx-fp32", "fp32", "tiny", "", ignore)
    assert list((tmp_path / "made").iterdir()) == []
    assert memory.CONTEXT >= 2048
