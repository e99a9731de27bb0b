"""A model folder that cannot be used says what is wrong with it and what to do."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polylsp.engine.load import FORMAT, MANIFEST, default_threads, load, manifest
from polylsp.errors import ModelError
from tests import tinies


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tinies.exported(tmp_path_factory.mktemp("good"))


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A model folder to break."""
    return shutil.copytree(good, tmp_path / "model")


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    about = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    change(about)
    (folder / MANIFEST).write_text(json.dumps(about), encoding="utf-8")


def message(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load(folder)
    return str(caught.value)


def test_a_good_folder_loads(folder: Path) -> None:
    weights = load(folder)
    assert weights.n_ctx == tinies.NEOX.context
    assert weights.n_vocab == tinies.vocab_size()
    heads, head_dim, layers = 4, 16, 2
    assert weights.tape_bytes == 4 * 2 * layers * heads * head_dim * (weights.n_ctx + 1)


def test_a_folder_is_where_it_should_be(tmp_path: Path) -> None:
    assert "there is no folder" in message(tmp_path / "missing")


def test_a_folder_without_a_manifest_is_told_how_to_get_one(tmp_path: Path) -> None:
    assert "`polylsp export" in message(tmp_path)


@pytest.mark.parametrize("text", ["{", "", "\xff\xfe"])
def test_a_manifest_that_is_no_json_is_told_so(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_bytes(text.encode("latin-1"))
    assert "cannot be read" in message(folder)


def test_a_manifest_that_is_a_list_is_told_so(folder: Path) -> None:
    (folder / MANIFEST).write_text("[1]", encoding="utf-8")
    assert "is not a JSON object" in message(folder)


def test_a_manifest_of_the_future_is_told_to_update(folder: Path) -> None:
    edit(folder, lambda about: about.update(format=FORMAT + 1))
    assert "update polylsp" in message(folder)


@pytest.mark.parametrize("engine", [None, [], "onnx"])
def test_a_manifest_without_an_engine_is_told_so(folder: Path, engine: object) -> None:
    edit(folder, lambda about: about.update(engine=engine))
    assert "no 'engine' part" in message(folder)


def test_an_unknown_backend_is_named(folder: Path) -> None:
    edit(folder, lambda about: about["engine"].update(backend="abacus"))
    assert "'abacus'" in message(folder)


@pytest.mark.parametrize("context", [None, 0, -5, "many", 1.5])
def test_a_context_that_is_no_count_of_tokens_is_told_so(folder: Path, context: object) -> None:
    edit(folder, lambda about: about["engine"].update(context=context))
    assert "context" in message(folder)


def test_a_missing_graph_is_named(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    assert "model.onnx is missing" in message(folder)


def test_missing_weights_are_told_to_be_installed_again(folder: Path) -> None:
    (folder / "model.onnx.data").unlink()
    assert "install or export the model again" in message(folder)


def test_truncated_weights_are_told_to_be_installed_again(folder: Path) -> None:
    data = folder / "model.onnx.data"
    data.write_bytes(data.read_bytes()[:1000])
    assert "install or export the model again" in message(folder)


def test_a_truncated_graph_is_told_to_be_installed_again(folder: Path) -> None:
    graph = folder / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:1000])
    assert "install or export the model again" in message(folder)


def test_another_exporters_graph_is_told_apart(folder: Path) -> None:
    tinies.concatenating(folder / "model.onnx")
    assert "not a graph of polylsp's" in message(folder)


def test_our_graph_does_not_pass_for_optimums(folder: Path) -> None:
    edit(folder, lambda about: about["engine"].update(backend="optimum"))
    assert "cannot be driven" in message(folder)


def test_optimums_graph_is_served_by_its_own_backend(folder: Path) -> None:
    tinies.concatenating(folder / "model.onnx")
    edit(folder, lambda about: about["engine"].update(backend="optimum"))
    assert load(folder).tape().extend([5, 6]).shape == (1, tinies.vocab_size())


def test_a_model_for_torch_tells_how_to_get_torch(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "model.safetensors").write_bytes(b"")
    edit(folder, lambda about: about["engine"].update(backend="torch"))
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("polylsp.engine.backend_torch")]:
        monkeypatch.delitem(sys.modules, name)
    assert "torch is missing: pip install 'polylsp[torch]'" in message(folder)


def test_the_manifest_is_given_as_it_stands(folder: Path) -> None:
    assert manifest(folder)["name"] == tinies.NEOX.name


@pytest.mark.parametrize(
    ("processors", "threads"), [(None, 1), (1, 1), (2, 2), (4, 2), (6, 3), (8, 4), (64, 4)]
)
def test_threads_leave_half_of_the_machine_to_the_editor(
    processors: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "process_cpu_count", lambda: processors, raising=False)
    assert default_threads() == threads
