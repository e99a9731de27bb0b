"""Reading Hugging Face folders without torch: every way they are stored, every way they are broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from polylsp.errors import ModelError
from polylsp.export import checkpoint
from tests import tinies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tinies.checkpoint(tmp_path / "source")


def edit(folder: Path, **changes: object) -> Path:
    file = folder / "config.json"
    config = json.loads(file.read_text(encoding="utf-8")) | changes
    kept = {name: value for name, value in config.items() if value is not ...}
    file.write_text(json.dumps(kept), encoding="utf-8")
    return folder


def message(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        checkpoint.load(folder)
    return str(caught.value)


def test_queries_keys_and_values_of_all_heads_are_put_together(folder: Path) -> None:
    stored = load_file(folder / "model.safetensors")
    by_head = stored["gpt_neox.layers.1.attention.query_key_value.weight"].reshape(4, 3, 16, 64)
    found = checkpoint.load(folder)["1.qkv.weight"]
    assert np.array_equal(found[16:32], by_head[1, 0])  # The second head's query.
    assert np.array_equal(found[64:80], by_head[0, 1])  # The first head's key.
    assert np.array_equal(found[-16:], by_head[3, 2])  # The last head's value.


def test_a_llamas_queries_keys_and_values_are_put_together(tmp_path: Path) -> None:
    folder = tinies.checkpoint(tmp_path, tinies.LLAMA_GROUPED)
    stored = load_file(folder / "model.safetensors")
    found = checkpoint.load(folder)["0.qkv.weight"]
    parts = [stored[f"model.layers.0.self_attn.{role}_proj.weight"] for role in "qkv"]
    assert np.array_equal(found, np.concatenate(parts))


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_half_precision_is_read_as_it_is(tmp_path: Path, name: str) -> None:
    if name == "bfloat16":
        pytest.importorskip("ml_dtypes", reason="newer onnx libraries bring it")
    kind = np.dtype(name)
    whole = checkpoint.load(tinies.checkpoint(tmp_path / "whole"))
    half = checkpoint.load(tinies.checkpoint(tmp_path / "half", dtype=kind))
    found = half["0.up.weight"]
    assert found.dtype == np.float32
    assert np.array_equal(found, whole["0.up.weight"].astype(kind).astype(np.float32))


def shard(folder: Path) -> None:
    """Split the weights over two files, as large models are."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    where: dict[str, str] = {}
    for number, part in ((1, names[::2]), (2, names[1::2])):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / file)
        where |= dict.fromkeys(part, file)
    index = {"metadata": {}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def test_weights_in_several_files_are_one_model(folder: Path) -> None:
    whole = checkpoint.load(folder)
    wanted = whole["1.down.weight"]
    shard(folder)
    (folder / "adapter.safetensors").write_bytes(b"not a part of it")
    sharded = checkpoint.load(folder)
    assert sharded.parameters == whole.parameters
    assert np.array_equal(sharded["1.down.weight"], wanted)


def test_a_tensor_is_read_when_it_is_asked_for(folder: Path) -> None:
    model = checkpoint.load(folder)
    assert model.size("0.up.weight") == model["0.up.weight"].shape == (128, 64)
    (folder / "model.safetensors").unlink()
    assert model.size("1.qkv.weight") == (192, 64)
    assert model.size("1.gate.weight") is None
    with pytest.raises(ModelError, match="cannot be read"):
        model["0.up.weight"]


def test_a_checkpoint_tells_where_it_came_from(folder: Path) -> None:
    model = checkpoint.load(folder)
    assert model.files == (folder / "model.safetensors",)
    assert model.config == json.loads((folder / "config.json").read_text(encoding="utf-8"))


def test_a_missing_shard_is_named(folder: Path) -> None:
    shard(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()
    assert "lacks model-00002-of-00002.safetensors: download it again" in message(folder)


def test_a_broken_index_is_told_so(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text("[]", encoding="utf-8")
    assert "index.json cannot be read" in message(folder)


def test_other_files_beside_the_model_are_not_read(folder: Path) -> None:
    (folder / "another.safetensors").write_bytes(b"")
    assert checkpoint.files(folder) == [folder / "model.safetensors"]


def test_truncated_weights_are_to_be_downloaded_again(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    assert "model.safetensors cannot be read" in message(folder)
    assert "download it again" in message(folder)


def test_a_pointer_of_git_lfs_is_told_from_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\n", "utf-8"
    )
    assert "git lfs pull" in message(folder)


def test_a_folder_without_weights_is_told_what_to_look_for(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert "no weights (model.safetensors or pytorch_model.bin)" in message(folder)


@pytest.mark.parametrize("name", ["missing", "model.gguf"])
def test_a_source_that_is_not_there_is_told_so(tmp_path: Path, name: str) -> None:
    assert str(tmp_path / name) in message(tmp_path / name)


def test_a_file_of_another_kind_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text("hello", encoding="utf-8")
    assert "is no model" in message(tmp_path / "model.txt")


def test_a_missing_layer_is_named(folder: Path) -> None:
    assert "lacks '4.norm2.weight'" in message(edit(folder, num_hidden_layers=5))


def test_a_missing_tensor_is_named(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors["gpt_neox.layers.0.attention.query_key_value.weight"]
    save_file(tensors, folder / "model.safetensors")
    assert "'0.qkv.weight'" in message(folder)


@pytest.mark.parametrize(
    "changes", [{"vocab_size": 999}, {"hidden_size": 128}, {"num_attention_heads": 5}]
)
def test_weights_of_another_size_than_config_says_are_told_so(
    folder: Path, changes: dict[str, object]
) -> None:
    assert "do not belong together" in message(edit(folder, **changes))


def test_a_config_that_leaves_something_out_is_told_what(folder: Path) -> None:
    assert "'num_hidden_layers'" in message(edit(folder, num_hidden_layers=...))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model_type": "gpt2"}, "a 'gpt2' model"),
        ({"model_type": ...}, "a None model"),
        ({"model_type": ["gpt_neox"]}, r"a ['gpt_neox'] model"),
        ({"rope_scaling": {"type": "dynamic", "factor": 2}}, "rotary scaling 'dynamic'"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "rotary scaling 'yarn'"),
        ({"hidden_act": "relu"}, "the activation 'relu'"),
        ({"quantization_config": {"bits": 4}}, "weights that are quantised already"),
    ],
)
def test_what_would_be_computed_wrongly_is_refused(
    folder: Path, changes: dict[str, object], reason: str
) -> None:
    assert f"holds {reason}, which the graph builder does not know" in message(
        edit(folder, **changes)
    )


@pytest.mark.parametrize(
    "changes", [{"rope_scaling": None}, {"rope_parameters": {"rope_type": "default"}}]
)
def test_plain_rotary_embeddings_are_not_scaled(folder: Path, changes: dict[str, object]) -> None:
    assert checkpoint.load(edit(folder, **changes)).shape.rotary_base == 10000


@pytest.mark.parametrize(
    ("changes", "base"),
    [
        ({"rope_parameters": {"rope_theta": 5e5}}, 5e5),
        ({"rope_theta": 2e4}, 2e4),
        ({"rotary_emb_base": 3e4}, 3e4),
    ],
)
def test_the_rotary_base_is_found_wherever_it_is_kept(
    folder: Path, changes: dict[str, object], base: float
) -> None:
    assert checkpoint.load(edit(folder, **changes)).shape.rotary_base == base


def test_a_newer_configs_share_of_rotation_counts(folder: Path) -> None:
    edit(folder, rope_parameters={"partial_rotary_factor": 0.5})
    assert checkpoint.load(folder).shape.rotary == 8


@pytest.mark.parametrize("break_it", [Path.unlink, lambda file: file.write_text("{")])
def test_a_config_that_cannot_be_read_is_named(
    folder: Path, break_it: Callable[[Path], object]
) -> None:
    break_it(folder / "config.json")
    assert "config.json cannot be read" in message(folder)


def test_parameters_are_what_was_trained(folder: Path) -> None:
    before = checkpoint.load(folder).parameters
    tensors = load_file(folder / "model.safetensors")
    assert before == sum(tensor.size for tensor in tensors.values())
    mask = np.ones((1, 1, 96, 96), np.float32)
    tensors["gpt_neox.layers.0.attention.bias"] = mask  # As older checkpoints keep their mask.
    save_file(tensors, folder / "model.safetensors")
    assert checkpoint.load(folder).parameters == before
