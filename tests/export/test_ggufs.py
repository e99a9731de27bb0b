"""GGUF files as checkpoints: the tensors that were converted, whatever llama.cpp did to their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers

from polylsp.errors import ModelError
from polylsp.export import checkpoint, vocabulary
from polylsp.prompt.tokenizer import Tokenizer
from tests import tinies
from tests.export import makers

TINIES = [tinies.NEOX, tinies.NEOX_PARALLEL, tinies.NEOX_PARTIAL]
TINIES += [tinies.NEOX_TIED, tinies.LLAMA, tinies.LLAMA_GROUPED]


def message(source: Path) -> str:
    with pytest.raises(ModelError) as caught:
        checkpoint.load(source)
    return str(caught.value)


@pytest.mark.parametrize("tiny", TINIES, ids=lambda tiny: tiny.name)
def test_it_is_the_model_that_was_converted(tmp_path: Path, tiny: tinies.Tiny) -> None:
    wanted = makers.gguf(tmp_path / "model.gguf", tiny)
    found = checkpoint.load(tmp_path / "model.gguf")
    assert found.files == (tmp_path / "model.gguf",)
    assert set(found.tensors) == set(wanted)
    for name, array in wanted.items():
        assert np.array_equal(found.tensors[name], array), name
    original = checkpoint.load(tmp_path / "hf")
    assert found.parameters == original.parameters
    assert found.shape.norm_epsilon == pytest.approx(original.shape.norm_epsilon)
    for part in ("family", "vocab", "heads", "kv_heads", "rotary", "rotary_base", "context"):
        assert getattr(found.shape, part) == getattr(original.shape, part), part
    for part in ("layers", "hidden", "head_dim", "tied", "parallel_residual", "activation"):
        assert getattr(found.shape, part) == getattr(original.shape, part), part


@pytest.mark.parametrize(
    ("kind", "loss"), [("F16", 1e-3), ("BF16", 8e-3), ("Q8_0", 0.01), ("Q4_0", 0.2), ("Q4_1", 0.2)]
)
def test_quantised_numbers_are_read_as_what_they_stand_for(
    tmp_path: Path, kind: str, loss: float
) -> None:
    wanted = makers.gguf(tmp_path / "model.gguf", tinies.LLAMA, kind)
    found = checkpoint.load(tmp_path / "model.gguf").tensors
    for name, array in wanted.items():
        error = np.abs(found[name] - array).max()
        assert error <= loss * np.abs(array).max(), name
        if array.ndim == 2:
            assert error > 0, f"{name} was not stored in fewer bits"


def test_its_tokenizer_comes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    makers.gguf(file, tinies.LLAMA)
    made = Tokenizer(vocabulary.write(file, tmp_path))
    original = tinies.tokenizer(tmp_path / "hf")
    text = "def f(self):\n    return self.x1234 + 'é ' # <|endoftext|>\n"
    assert made.encode(text) == original.encode(text)
    assert made.special == original.special
    assert made.size == original.size


@pytest.mark.parametrize(
    ("pre", "pieces"),
    [
        ("gpt-2", ["1234", "ĠĠ", "Ġif"]),
        ("smollm", ["1", "2", "3", "4", "ĠĠ", "Ġif"]),
        ("starcoder", ["1", "2", "3", "4", "ĠĠ", "Ġif"]),
        ("llama-bpe", ["123", "4", "ĠĠ", "Ġif"]),
        ("qwen2", ["1", "2", "3", "4", "ĠĠ", "Ġif"]),
        ("deepseek-coder", ["1", "2", "3", "4", "ĠĠ", "Ġif"]),
    ],
)
def test_text_is_cut_by_the_rule_that_the_file_names(
    tmp_path: Path, pre: str, pieces: list[str]
) -> None:
    makers.gguf(tmp_path / "model.gguf", tinies.LLAMA, pre=pre)
    made = tokenizers.Tokenizer.from_str(vocabulary.tokenizer_json(tmp_path / "model.gguf"))
    assert [piece for piece, _ in made.pre_tokenizer.pre_tokenize_str("1234   if")] == pieces


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pre": "novel"}, r"a rule \('novel'\) that is not known"),
        ({"pre": ""}, "a rule .* that is not known"),
        ({"model": "llama"}, "a 'llama' vocabulary"),
    ],
)
def test_a_tokenizer_that_would_be_guessed_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    makers.gguf(tmp_path / "model.gguf", tinies.LLAMA, **changes)
    with pytest.raises(ModelError, match=said):
        vocabulary.tokenizer_json(tmp_path / "model.gguf")


@pytest.mark.parametrize("kept", [0, 3, 20, 5_000, -100])
def test_truncated_files_are_to_be_downloaded_again(tmp_path: Path, kept: int) -> None:
    file = tmp_path / "model.gguf"
    makers.gguf(file, tinies.LLAMA)
    file.write_bytes(file.read_bytes()[:kept])
    assert "download it again" in message(file)


def test_what_is_no_gguf_file_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"<!DOCTYPE html>" * 100)
    assert "no GGUF file" in message(file)
    file.write_text("version https://git-lfs.github.com/spec/v1\n", encoding="utf-8")
    assert "git lfs pull" in message(file)
    file.unlink()
    assert "cannot be read" in message(file)


def test_another_architecture_is_named(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    makers.gguf(file, tinies.LLAMA)
    file.write_bytes(file.read_bytes().replace(b"llama", b"mamba"))
    assert "a 'mamba' model" in message(file)


@pytest.mark.heavy
@pytest.mark.parametrize("tiny", [tinies.LLAMA, tinies.LLAMA_GROUPED], ids=lambda tiny: tiny.name)
def test_tensors_are_those_that_transformers_finds(tmp_path: Path, tiny: tinies.Tiny) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    makers.gguf(tmp_path / "model.gguf", tiny, "Q8_0")
    theirs = AutoModelForCausalLM.from_pretrained(
        tmp_path, gguf_file="model.gguf", dtype=torch.float32
    )
    ours = checkpoint.load(tmp_path / "model.gguf")
    for name, tensor in theirs.state_dict().items():
        if name in ours.tensors:
            assert np.array_equal(ours.tensors[name], tensor.numpy()), name
    assert len(ours.tensors) >= 9 * tiny.layers + 2
