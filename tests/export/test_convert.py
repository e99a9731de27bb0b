"""A checkpoint folder becomes a model folder: whole, or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from polylsp.engine.load import FORMAT, MANIFEST
from polylsp.errors import ModelError
from polylsp.export.convert import Options, convert
from polylsp.export.quantise import Format
from tests import tinies

INT8 = Options(Format("int8", 32), "tiny", "MIT")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tinies.checkpoint(tmp_path / "source")


def quietly(source: Path, destination: Path, options: Options = INT8) -> dict[str, object]:
    """Convert, and what the manifest says then."""
    convert(source, destination, options, lambda _: None)
    about: dict[str, object] = json.loads((destination / MANIFEST).read_text(encoding="utf-8"))
    return about


def message(source: Path, destination: Path) -> str:
    with pytest.raises(ModelError) as caught:
        quietly(source, destination)
    return str(caught.value)


def test_a_manifest_says_what_was_made(source: Path, tmp_path: Path) -> None:
    about = quietly(source, tmp_path / "model")
    assert about.pop("parameters") == 102_528
    assert len(str(about.pop("source_sha256"))) == 64
    assert about == {
        "format": FORMAT,
        "name": "tiny",
        "licence": "MIT",
        "weights": "int8-b32",
        "engine": {"backend": "onnx", "context": tinies.NEOX.context},
        "prompt": {
            "start": "<|endoftext|>",
            "end": [
                "<|endoftext|>",
                "<|fim_prefix|>",
                "<|fim_middle|>",
                "<|fim_suffix|>",
                "<|path|>",
            ],
            "path": "<|path|>",
            "suffix": "<|fim_suffix|>",
            "prefix": "<|fim_prefix|>",
            "use_suffix": False,
        },
    }


def test_the_same_source_gives_the_same_files_byte_for_byte(source: Path, tmp_path: Path) -> None:
    quietly(source, tmp_path / "one")
    quietly(source, tmp_path / "other")
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes(), file.name


def test_card_and_licence_come_along(source: Path, tmp_path: Path) -> None:
    (source / "README.md").write_text("the card", encoding="utf-8")
    (source / "LICENSE").write_text("the licence", encoding="utf-8")
    quietly(source, tmp_path / "model")
    assert (tmp_path / "model/README.md").read_text(encoding="utf-8") == "the card"
    assert (tmp_path / "model/LICENSE").read_text(encoding="utf-8") == "the licence"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits for others")
def test_everybody_may_read_what_is_written(source: Path, tmp_path: Path) -> None:
    quietly(source, tmp_path / "model")
    mode = (tmp_path / "model/model.onnx.data").stat().st_mode
    assert stat.S_IMODE(mode) == 0o644


def test_a_model_is_never_written_over(source: Path, tmp_path: Path) -> None:
    quietly(source, tmp_path / "model")
    assert "holds a model already" in message(source, tmp_path / "model")


def test_a_checkpoint_is_never_written_into(source: Path) -> None:
    before = sorted(source.iterdir())
    assert "holds a model already" in message(source, source)
    assert sorted(source.iterdir()) == before


def test_a_missing_source_is_told_so(tmp_path: Path) -> None:
    assert "there is no " in message(tmp_path / "missing", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_destination_that_cannot_be_made_is_told_so(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert "cannot be made" in message(source, tmp_path / "file")


def test_a_conversion_that_failed_can_be_tried_again(source: Path, tmp_path: Path) -> None:
    tokenizer = (source / "tokenizer.json").read_bytes()
    (source / "tokenizer.json").unlink()
    assert "has no tokenizer.json" in message(source, tmp_path / "model")
    assert not (tmp_path / "model" / MANIFEST).exists()
    (source / "tokenizer.json").write_bytes(tokenizer)
    assert quietly(source, tmp_path / "model")["name"] == "tiny"


def test_another_models_tokenizer_is_told_apart(source: Path, tmp_path: Path) -> None:
    file = source / "tokenizer.json"
    parsed = json.loads(file.read_text(encoding="utf-8"))
    parsed["model"]["vocab"]["more"] = 5000
    file.write_text(json.dumps(parsed), encoding="utf-8")
    assert "they do not belong together" in message(source, tmp_path / "model")


@pytest.mark.parametrize(
    ("end", "start"), [(0, "<|endoftext|>"), ([77, 0], "<|endoftext|>"), (77, None), (None, None)]
)
def test_the_end_of_text_is_what_the_model_says(
    source: Path, tmp_path: Path, end: object, start: str | None
) -> None:
    config = json.loads((source / "config.json").read_text(encoding="utf-8")) | {
        "eos_token_id": end
    }
    (source / "config.json").write_text(json.dumps(config), encoding="utf-8")
    prompt = quietly(source, tmp_path / "model")["prompt"]
    assert isinstance(prompt, dict)
    assert prompt["start"] == start
    assert "<|endoftext|>" in prompt["end"]


def test_a_shorter_context_makes_shorter_tapes(source: Path, tmp_path: Path) -> None:
    from polylsp.engine.load import load

    quietly(source, tmp_path / "model", Options(Format("fp32"), "tiny", context=40))
    weights = load(tmp_path / "model")
    assert weights.n_ctx == 40
    assert weights.tape().extend([5] * 40).shape == (1, tinies.vocab_size())
