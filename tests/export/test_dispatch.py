"""One entry for every conversion: whole folders, in weights that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.errors import ModelError
from polylsp.export.convert import Options
from polylsp.export.dispatch import export
from polylsp.export.quantise import Format
from tests import tinies


def listed(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_model_appears_and_what_was_done_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    source = tinies.checkpoint(tmp_path / "source")
    export(source, tmp_path / "model", "onnx", Options(Format("int8"), "tiny"), said.append)
    assert listed(tmp_path) == ["model", "source"]
    assert said[0] == f"reading {source}"
    assert "packed 2 of 2 layers" in said
    assert said[-2].startswith("verified")
    assert said[-1] == f"wrote {tmp_path / 'model'}"


def test_a_conversion_that_failed_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    (source / "tokenizer.json").unlink()
    with pytest.raises(ModelError):
        export(source, tmp_path / "model", "onnx", Options(Format("int8"), "tiny"), lambda _: None)
    assert listed(tmp_path) == ["source"]


def test_weights_that_a_target_lacks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="choose one of int8, int4, fp32, fp16"):
        export(tmp_path, tmp_path / "model", "onnx", Options(Format("q8_0"), "x"), lambda _: None)
