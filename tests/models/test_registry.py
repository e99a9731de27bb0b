"""From a model's name to a model; and what is wrong with it, in words that help."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.load import MANIFEST
from polylsp.errors import ModelError
from polylsp.models.registry import EMBEDDED, card, load_model, locate
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
    model = load_model(str(folder), threads=1)
    assert (model.name, model.folder) == ("neox", folder)
    assert model.tokenizer.size == model.weights.n_vocab
    assert model.layout.fills


def test_a_model_without_a_name_is_called_after_its_folder(folder: Path) -> None:
    edit(folder, name=None)
    assert load_model(str(folder)).name == card(str(folder)).name == "model"


def test_a_home_directory_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert locate("~/model") == folder


@pytest.mark.parametrize("spec", ["NinedayWang/PolyCoder-160M", "~nobody-at-all/model", "\0"])
def test_a_name_that_is_no_folder_is_told_what_could_be_given(spec: str) -> None:
    with pytest.raises(ModelError, match="give 'embedded' or a folder that `polylsp export` wrote"):
        locate(spec)


def test_a_checkpoint_is_told_to_be_exported(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    assert f"convert a checkpoint with `polylsp export {source} DESTINATION`" in message(source)


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
    with pytest.raises(ModelError, match="'prompt' is not an object"):
        card(str(folder))


def test_a_card_is_what_the_manifest_says(folder: Path) -> None:
    found = card(str(folder))
    assert (found.name, found.licence, found.weights) == ("neox", "MIT", "fp32")
    assert (found.parameters, found.context, found.fills) == (102_528, tinies.NEOX.context, True)
    assert found.megabytes == pytest.approx(0.4, abs=0.1)


def test_a_card_bears_what_a_person_may_have_written(folder: Path) -> None:
    edit(folder, parameters="many", engine={"context": "long"}, licence=None, weights=None)
    found = card(str(folder))
    assert (found.parameters, found.context, found.licence, found.weights) == (0, 0, "?", "?")


def test_the_embedded_model_is_complete_and_small() -> None:
    found = card("embedded")
    assert found.folder == EMBEDDED
    assert {"README.md", "LICENSE"} <= {file.name for file in EMBEDDED.iterdir()}
    assert found.megabytes < 40
    assert found.licence == "MIT"


def test_the_embedded_model_has_learnt_something() -> None:
    model = load_model("embedded")
    text = "def area(width, height):\n    return width * height\n\n\nfor i in range(10):\n    print(i)\n"
    start = [model.tokenizer.special[model.layout.start]] if model.layout.start else []
    ids = [*start, *model.tokenizer.encode(text)]
    bits = -model.weights.tape().score(ids).sum() / np.log(2)
    assert bits / len(text) < 2  # A random one needs about five.
