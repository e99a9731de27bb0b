"""The configurations that are shipped, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.cli.training.common import changed
from polylsp.errors import PolyError
from polylsp.export.fake import SIZES
from polylsp.train import config
from polylsp.train.config import Shape


@pytest.mark.parametrize("name", config.names())
def test_a_shipped_configuration_says_again_what_it_was_read_from(name: str) -> None:
    found = config.load(name)
    assert found.name == name
    assert config.parse(found.row()) == found


def test_polycoders_shapes_are_polycoders() -> None:
    for name, size in SIZES.items():
        if name != "tiny":
            model = config.load(f"polycoder-{name.lower()}").model
            shape = Shape(size.layers, size.hidden, size.heads, 2048, 50_304, False)
            assert model == shape


def test_mini_is_the_embedded_model_and_its_gpu_twin_is_as_large_as_may_be() -> None:
    assert config.load("mini").model == Shape(6, 320, 5, 1024, 16_384)
    found = config.load("mini-gpu")
    layer = 12 * found.model.hidden**2
    body, embedding = found.model.layers * layer, found.model.vocabulary * found.model.hidden
    assert 25e6 < body + embedding < 35e6
    assert found.training.steps * found.training.batch >= 1e9


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("model.depth=3", "PART.KEY"),
        ("training.rate", "PART.KEY"),
        ("training.steps=many", "type int"),
        ("training.precision=fp8", "fp32 or bf16"),
        ("model.heads=7", "heads"),
        ("training.batch=100", "multiple"),
        ("training.lengths={0=4096}", "context"),
    ],
)
def test_what_is_wrong_is_said(change: str, said: str) -> None:
    with pytest.raises(PolyError, match=said):
        changed(config.load("tiny"), [change])


def test_a_file_may_be_anybodys(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[model]\nlayers = 1\n", encoding="utf-8")
    with pytest.raises(PolyError, match="lacks hidden"):
        config.load(str(file))
    file.write_text("[model\n", encoding="utf-8")
    with pytest.raises(PolyError, match="no TOML"):
        config.load(str(file))
    with pytest.raises(PolyError, match="mini"):
        config.load("huge")
