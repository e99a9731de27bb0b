"""What is llama.cpp's own, beyond the contract of every backend (`test_backend`)."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polylsp.engine.backend_gguf import GgufWeights, library
from polylsp.engine.session import Session
from polylsp.errors import BackendError, ModelError
from polylsp.export.convert import Options
from polylsp.export.quantise import Format
from polylsp.export.to_gguf import convert
from tests import tinies

IDS = np.random.default_rng(1).integers(5, 250, 60).tolist()


def made(folder: Path, weights: str = "f32", tiny: tinies.Tiny = tinies.NEOX) -> GgufWeights:
    source = tinies.checkpoint(folder / "source", tiny)
    convert(source, folder / weights, Options(Format(weights), "tiny"), lambda _: None)
    return GgufWeights(folder / weights / "model.gguf", tiny.context, threads=2)


def test_without_llama_cpp_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(ModelError, match=r"pip install 'polylsp\[gguf\]'"):
        GgufWeights(Path("model.gguf"), 96, threads=2)


@pytest.mark.heavy
def test_more_tokens_than_one_pass_takes_are_read_in_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = made(tmp_path)
    whole = weights.tape().extend(IDS, last=45)
    monkeypatch.setattr("polylsp.engine.backend_gguf.CHUNK", 8)
    assert np.allclose(weights.tape().extend(IDS, last=45), whole, atol=1e-4, rtol=0)


@pytest.mark.heavy
def test_whole_weights_have_whole_keys_and_values(tmp_path: Path) -> None:
    per_token = 2 * tinies.NEOX.layers * tinies.NEOX.hidden
    assert made(tmp_path, "f32").tape_bytes == 4 * per_token * tinies.NEOX.context
    assert made(tmp_path, "f16").tape_bytes == 2 * per_token * tinies.NEOX.context


@pytest.mark.heavy
def test_logits_outlive_their_tape_and_a_tape_its_weights(tmp_path: Path) -> None:
    weights = made(tmp_path)
    found = weights.tape().extend(IDS)
    wanted = found.copy()
    tape = weights.tape()
    del weights
    gc.collect()
    assert np.array_equal(tape.extend(IDS), wanted)
    del tape
    gc.collect()
    assert np.array_equal(found, wanted)


@pytest.mark.heavy
def test_a_tape_that_cannot_be_wound_back_fails_once_and_is_usable_when_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = made(tmp_path)
    session = Session(weights.tape())
    session.read(IDS, lambda: False)
    monkeypatch.setattr(library(), "llama_memory_seq_rm", lambda *_: False)
    with pytest.raises(BackendError, match="cannot forget"):
        session.read([*IDS[:20], 7, 8, 9], lambda: False)
    _, found = session.read([*IDS[:20], 7, 8, 9], lambda: False)
    assert found is not None
    assert np.array_equal(found, weights.tape().extend([*IDS[:20], 7, 8, 9])[-1])


@pytest.mark.heavy
def test_a_pass_that_fails_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = made(tmp_path).tape()
    monkeypatch.setattr(library(), "llama_decode", lambda *_: -3)
    with pytest.raises(BackendError, match="-3"):
        tape.extend(IDS)


@pytest.mark.heavy
def test_a_tape_that_memory_lacks_for_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = made(tmp_path)
    monkeypatch.setattr(library(), "llama_init_from_model", lambda *_: None)
    with pytest.raises(BackendError, match="no memory"):
        weights.tape()


@pytest.mark.heavy
@pytest.mark.parametrize("damage", [b"", b"GGUF", b"no model at all"])
def test_a_broken_file_is_told_to_be_installed_again(
    damage: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[Any]
) -> None:
    (tmp_path / "model.gguf").write_bytes(damage)
    with pytest.raises(ModelError, match="install or export the model again"):
        GgufWeights(tmp_path / "model.gguf", 96, threads=2)
    assert capfd.readouterr() == ("", "")


@pytest.mark.heavy
def test_a_truncated_file_says_why_it_cannot_be_loaded(tmp_path: Path) -> None:
    made(tmp_path)
    file = tmp_path / "f32" / "model.gguf"
    file.write_bytes(file.read_bytes()[:-5000])
    with pytest.raises(ModelError, match="not within the file bounds"):
        GgufWeights(file, 96, threads=2)


@pytest.mark.heavy
def test_it_says_nothing_on_either_stream(
    tmp_path: Path, capfd: pytest.CaptureFixture[Any]
) -> None:
    made(tmp_path, "q4_k_m").tape().extend(IDS)
    assert capfd.readouterr() == ("", "")
