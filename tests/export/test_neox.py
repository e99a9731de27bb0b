"""GPT-NeoX's own checkpoints, whole and cut for several devices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from polylsp.errors import ModelError
from polylsp.export import checkpoint, neox, vocabulary
from tests.export import makers


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("parts", [1, 2])
def test_every_tensor_is_the_one_that_was_trained(
    tmp_path: Path, parts: int, parallel: bool
) -> None:
    wanted = makers.neox(tmp_path, parts, parallel)
    found = checkpoint.load(tmp_path / "checkpoints").tensors
    assert set(found) == set(wanted)
    for name, array in wanted.items():
        assert found.stored[name].shape == found[name].shape, name
        assert np.allclose(found[name], array, rtol=1e-6), name


def test_it_is_the_model_that_its_settings_say(tmp_path: Path) -> None:
    makers.neox(tmp_path)
    made = checkpoint.load(tmp_path / "checkpoints")
    original = checkpoint.load(tmp_path / "hf")
    assert made.shape == original.shape
    assert made.parameters == original.parameters


def test_the_newest_step_is_taken(tmp_path: Path) -> None:
    makers.neox(tmp_path)
    newest = tmp_path / "checkpoints" / "global_step150000"
    older = tmp_path / "checkpoints" / "global_step9000"
    older.mkdir()
    (older / "layer_00-model_00-model_states.pt").write_bytes(b"")
    assert {file.parent for file in neox.files(tmp_path / "checkpoints")} == {newest}


def test_a_steps_own_folder_will_do(tmp_path: Path) -> None:
    makers.neox(tmp_path)
    step = tmp_path / "checkpoints" / "global_step150000"
    assert checkpoint.load(step).shape.layers == 2


def test_missing_settings_are_asked_for(tmp_path: Path) -> None:
    makers.neox(tmp_path)
    step = tmp_path / "checkpoints" / "global_step150000"
    (step / "configs" / "160M.yml").unlink()
    with pytest.raises(ModelError, match=r"a \.yml file that says num-layers"):
        checkpoint.load(step)


def test_settings_of_another_size_are_not_taken(tmp_path: Path) -> None:
    makers.neox(tmp_path)
    configs = tmp_path / "checkpoints" / "global_step150000" / "configs"
    other = (configs / "160M.yml").read_text(encoding="utf-8")
    other = other.replace('"num-layers": 2', '"num-layers": 32').replace("64", "2560")
    (configs / "2-7B.yml").write_text(other, encoding="utf-8")
    (configs / "setup.yml").write_text('{ "vocab-file": "data/vocab.json" }', encoding="utf-8")
    assert checkpoint.load(tmp_path / "checkpoints").shape.hidden == 64


def test_a_lost_part_is_told_so(tmp_path: Path) -> None:
    makers.neox(tmp_path, parts=2)
    step = tmp_path / "checkpoints" / "global_step150000"
    (step / "layer_03-model_01-model_states.pt").unlink()
    with pytest.raises(ModelError, match="lacks parts of some layers"):
        checkpoint.load(step)


@pytest.mark.parametrize(("old", "new"), [("'rotary'", "'learned'"), ('"layernorm"', '"rmsnorm"')])
def test_what_is_no_polycoders_is_refused(tmp_path: Path, old: str, new: str) -> None:
    makers.neox(tmp_path)
    file = tmp_path / "checkpoints" / "global_step150000" / "configs" / "160M.yml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError, match="no PolyCoder's"):
        checkpoint.load(tmp_path / "checkpoints")


def test_the_vocabulary_beside_it_is_used_and_polycoders_otherwise(tmp_path: Path) -> None:
    makers.neox(tmp_path)
    source = tmp_path / "checkpoints"
    assert vocabulary.of_neox(source) == vocabulary.polycoder()
    (source / "code-vocab.json").write_text('{"<|endoftext|>": 0, "a": 1}', encoding="utf-8")
    (source / "code-merges.txt").write_text("a a\n", encoding="utf-8")
    assert vocabulary.of_neox(source) == (b'{"<|endoftext|>": 0, "a": 1}', b"a a\n")
