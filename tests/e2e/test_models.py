"""Models that cannot be loaded: a real server says why, answers with nothing, and stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polylsp.client.editor import INVOKED
from polylsp.engine.load import MANIFEST
from tests import tinies
from tests.e2e.conftest import Start

URI = "file:///somewhere/area.py"
TEXT = "def area(width, height):\n    return "


def missing_file(folder: Path) -> Any:
    model = tinies.exported(folder)
    (model / "model.onnx").unlink()
    return {"model": str(model)}


def truncated_weights(folder: Path) -> Any:
    source = tinies.checkpoint(folder / "source")
    weights = source / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    return {"model": str(source)}


def others_tokenizer(folder: Path) -> Any:
    model = tinies.exported(folder)
    about = json.loads((model / MANIFEST).read_text(encoding="utf-8"))
    about["prompt"]["start"] = "<s>"
    (model / MANIFEST).write_text(json.dumps(about), encoding="utf-8")
    return {"model": str(model)}


def wrong_architecture(folder: Path) -> Any:
    source = tinies.checkpoint(folder / "source")
    (source / "config.json").write_text('{"model_type": "t5"}', encoding="utf-8")
    return {"model": str(source), "engine": {"backend": "onnx"}}


def no_memory(folder: Path) -> Any:
    source = tinies.checkpoint(folder / "source")
    return {"model": str(source), "engine": {"weights": "fp32", "modelMemory": 10}}


def not_pulled(_: Path) -> Any:
    return {"model": "polycoder-2.7b"}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (missing_file, "model.onnx is missing: install or export the model again"),
        (truncated_weights, "model.safetensors cannot be read"),
        (others_tokenizer, "the model's tokenizer lacks <s>"),
        (wrong_architecture, "optimum"),
        (no_memory, "as fp32 of memory, 10 MB can be had: set engine.weights"),
        (not_pulled, "`polylsp models pull polycoder-2.7b` (11240 MB, licence MIT)"),
    ],
)
def test_a_model_that_fails_leaves_the_server_running(
    start: Start, tmp_path: Path, broken: Any, said: str
) -> None:
    editor = start(broken(tmp_path))
    status = editor.wait_for_status(lambda status: status["state"] == "no model")
    assert said in status["message"]
    editor.open(URI, "python", TEXT)
    assert editor.complete(URI, len(TEXT), INVOKED) == []
    assert editor.quit() == 0


def test_a_stand_in_is_told_and_works(start: Start, tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    editor = start({"model": str(source), "engine": {"modelMemory": 10}})
    assert editor.wait_until_ready()["model"] == "embedded"
    shown = [
        one["params"]["message"]
        for one in editor.connection.heard
        if "window/showMessage" in str(one)
    ]
    assert any("embedded stands in" in one for one in shown)
    assert editor.quit() == 0


def test_a_checkpoint_is_converted_and_served(start: Start, tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    editor = start({"model": str(source), "engine": {"backend": "onnx"}})
    assert editor.wait_until_ready()["model"] == "source"
    assert editor.quit() == 0
