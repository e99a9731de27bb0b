"""What is particular to torch: its files, its memory, and the types it computes in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from polylsp.engine.backend import Logits, Weights
from polylsp.engine.load import MANIFEST, load
from polylsp.errors import BackendError, ModelError
from tests import tinies

pytestmark = pytest.mark.heavy

IDS = np.random.default_rng(2).integers(5, 250, 40).tolist()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tinies.exported(tmp_path_factory.mktemp("good"), target="torch")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A model folder to break."""
    return shutil.copytree(good, tmp_path / "model")


@pytest.fixture(scope="module")
def weights(good: Path) -> Weights:
    return load(good, threads=1)


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    about = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    change(about["engine"])
    (folder / MANIFEST).write_text(json.dumps(about), encoding="utf-8")


def message(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load(folder, threads=1)
    return str(caught.value)


def logits(folder: Path) -> Logits:
    return load(folder, threads=1).tape().extend(IDS, last=len(IDS))


def test_a_tape_takes_what_it_says(weights: Weights) -> None:
    keys_and_values, layers, heads, head_dim = 2, 2, 4, 16
    assert weights.tape_bytes >= 4 * keys_and_values * layers * heads * head_dim * weights.n_ctx
    assert weights.n_vocab == tinies.vocab_size()


def test_as_many_threads_as_asked_for_are_used(good: Path) -> None:
    import torch

    load(good, threads=2)
    assert torch.get_num_threads() == 2
    load(good, threads=1)
    assert torch.get_num_threads() == 1


def test_threads_are_told_not_to_spin_before_torch_is_imported(good: Path) -> None:
    code = """
        import os, sys, pathlib
        from polylsp.engine.load import load

        class Watch:
            def find_spec(self, name, path=None, target=None):
                if name == "torch":
                    print(os.environ.get("OMP_WAIT_POLICY"))

        sys.meta_path.insert(0, Watch())
        load(pathlib.Path(sys.argv[1]), threads=1)
    """
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    command = [sys.executable, "-c", textwrap.dedent(code), str(good)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "PASSIVE"


@pytest.mark.parametrize("size", [1000, 5, 0])
def test_truncated_weights_are_told_to_be_installed_again(folder: Path, size: int) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:size])
    assert "install or export the model again" in message(folder)


@pytest.mark.parametrize("name", ["embed.weight", "1.qkv.weight", "0.norm2.weight", "head.weight"])
def test_a_missing_tensor_is_named(folder: Path, name: str) -> None:
    file = folder / "model.safetensors"
    tensors = load_file(file)
    del tensors[name]
    save_file(tensors, file)
    assert f"{name!r}: export the model again" in message(folder)


@pytest.mark.parametrize("shape", [None, [], {"vocab": 5}])
def test_a_manifest_without_a_shape_is_told_so(folder: Path, shape: object) -> None:
    edit(folder, lambda engine: engine.update(shape=shape))
    assert "does not say its shape" in message(folder)


def test_weights_of_another_model_are_told_apart(folder: Path) -> None:
    edit(folder, lambda engine: engine["shape"].update(hidden=128))
    assert "disagree" in message(folder)


def test_an_unknown_activation_is_named(folder: Path) -> None:
    edit(folder, lambda engine: engine["shape"].update(activation="tanhshrink"))
    assert "'tanhshrink'" in message(folder)


def test_an_id_beyond_the_vocabulary_is_refused_before_any_device_sees_it(weights: Weights) -> None:
    tape = weights.tape()
    tape.extend([5, 6])
    for wrong in (weights.n_vocab, -1):
        with pytest.raises(BackendError, match="ids reach from 0"):
            tape.extend([7, wrong])
    assert tape.n_past == 2


def test_no_memory_for_a_model_names_smaller_ones(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polylsp.engine.backend_torch.Network", _out_of_memory)
    assert "--weights int8" in message(good)


def test_no_memory_for_a_tape_is_a_lost_suggestion(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights.tape()  # The first one lay ready.
    monkeypatch.setattr("polylsp.engine.torch_model.Network.cache", _out_of_memory)
    with pytest.raises(BackendError, match="no memory"):
        weights.tape()


def _out_of_memory(*_: object) -> None:
    import torch

    raise torch.OutOfMemoryError("none left")


def test_a_failed_pass_leaves_the_tape_as_it_was(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = weights.tape()
    tape.extend([5, 6])
    with monkeypatch.context() as patch:
        patch.setattr("polylsp.engine.torch_model.Network.run", _out_of_memory)
        with pytest.raises(BackendError, match="torch failed"):
            tape.extend([7])
    assert tape.n_past == 2
    assert np.isfinite(tape.extend([7])).all()


@pytest.mark.parametrize("tiny", [tinies.NEOX, tinies.LLAMA_GROUPED], ids=lambda tiny: tiny.name)
def test_fewer_bits_say_nearly_what_whole_ones_do(tiny: tinies.Tiny, tmp_path: Path) -> None:
    whole = logits(tinies.exported(tmp_path / "fp32", tiny, target="torch"))
    for kind, bound in (("bf16", 0.03), ("fp16", 0.03), ("int8", 0.05), ("int4", 0.4)):
        found = logits(tinies.exported(tmp_path / kind, tiny, kind, target="torch"))
        error = np.sqrt(np.mean((found - whole) ** 2)) / whole.std()
        assert 0 < error < bound, kind


def test_sixteen_bits_are_computed_in_where_the_device_is_good_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path of a newer processor, taken on any: slower there, with the same result but for rounding."""
    from polylsp.engine import backend_torch

    folder = tinies.exported(tmp_path, tinies.LLAMA_GROUPED, "bf16", target="torch")
    monkeypatch.setattr(backend_torch, "_has_bfloat16", lambda: False)
    wide = load(folder, threads=1)
    monkeypatch.setattr(backend_torch, "_has_bfloat16", lambda: True)
    narrow = load(folder, threads=1)
    assert narrow.tape_bytes <= wide.tape_bytes
    wanted, found = (one.tape().extend(IDS, last=len(IDS)) for one in (wide, narrow))
    assert found.dtype == np.float32
    assert np.sqrt(np.mean((found - wanted) ** 2)) < 0.05 * wanted.std()


def test_types_are_chosen_by_what_is_stored() -> None:
    import torch

    from polylsp.engine.backend_torch import computed_in

    cpu = torch.device("cpu")
    assert computed_in(torch.float32, cpu) == torch.float32
    assert computed_in(torch.float16, cpu) == torch.float32
    assert computed_in(torch.bfloat16, cpu) in (torch.bfloat16, torch.float32)
