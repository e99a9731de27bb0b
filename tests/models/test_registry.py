"""From a model's name to a model; and what is wrong with it, in words that help."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from polylsp.config import EngineConfig
from polylsp.engine.backend import Weights
from polylsp.engine.load import MANIFEST
from polylsp.errors import ModelError
from polylsp.models import registry
from polylsp.models.registry import load_model
from polylsp.models.resolve import EMBEDDED
from tests import tinies


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tinies.exported(tmp_path_factory.mktemp("good"))


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A model folder to break."""
    return shutil.copytree(good, tmp_path / "model")


def edit(folder: Path, **changes: object) -> None:
    about = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | changes
    (folder / MANIFEST).write_text(json.dumps(about), encoding="utf-8")


def message(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(str(folder))
    return str(caught.value)


def test_a_folder_is_a_model(folder: Path) -> None:
    model = load_model(str(folder), EngineConfig(threads=1))
    assert (model.name, model.folder) == ("neox", folder)
    assert model.tokenizer.size == model.weights.n_vocab
    assert model.layout.fills


def test_a_model_without_a_name_is_called_after_its_folder(folder: Path) -> None:
    edit(folder, name=None)
    assert load_model(str(folder)).name == "model"


def test_a_missing_tokenizer_is_told_to_be_installed_again(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert "tokenizer.json cannot be read" in message(folder)
    assert "install the model again" in message(folder)


def test_a_broken_tokenizer_is_told_to_be_installed_again(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert "install the model again" in message(folder)


def test_another_models_tokenizer_is_told_apart(folder: Path) -> None:
    shutil.copyfile(EMBEDDED / "tokenizer.json", folder / "tokenizer.json")
    edit(folder, prompt={})
    assert "they do not belong together" in message(folder)


def test_a_layout_that_the_tokenizer_does_not_know_is_told(folder: Path) -> None:
    edit(folder, prompt={"start": "<s>"})
    assert "the model's tokenizer lacks <s>" in message(folder)


@pytest.mark.parametrize("prompt", ["<s>", [1], 7])
def test_a_layout_that_is_no_object_is_told(folder: Path, prompt: object) -> None:
    edit(folder, prompt=prompt)
    assert "'prompt' is not an object" in message(folder)


@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data"])
def test_a_missing_file_is_told(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in message(folder)


def test_truncated_weights_are_told(folder: Path) -> None:
    data = folder / "model.onnx.data"
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    assert "export the model again" in message(folder)


def test_a_lack_of_memory_while_loading_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(folder: Path, threads: int) -> Weights:
        raise MemoryError

    monkeypatch.setattr(registry, "load", load)
    assert "there is no memory for" in message(folder)
    assert "close something, or use a smaller model" in message(folder)


def test_a_model_says_what_it_stands_in_for(folder: Path) -> None:
    model = load_model(str(folder), EngineConfig(model_memory=1))
    assert model.name == "embedded"
    assert "embedded stands in" in model.note


def test_the_embedded_model_has_learnt_something() -> None:
    model = load_model("embedded")
    text = "def area(width, height):\n    return width * height\n\n\nfor i in range(10):\n    print(i)\n"
    start = [model.tokenizer.special[model.layout.start]] if model.layout.start else []
    ids = [*start, *model.tokenizer.encode(text)]
    bits = -model.weights.tape().score(ids).sum() / np.log(2)
    assert bits / len(text) < 2  # A random one needs about five.
