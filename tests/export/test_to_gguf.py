"""A checkpoint becomes a model folder for llama.cpp: whole, checked, or not at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.generate import Limits, generate
from polylsp.engine.load import MANIFEST, load
from polylsp.engine.session import Session
from polylsp.errors import ModelError
from polylsp.export import fake
from polylsp.export.convert import Options
from polylsp.export.dispatch import export
from polylsp.export.quantise import Format
from polylsp.export.to_gguf import convert
from polylsp.prompt.tokenizer import Tokenizer
from tests import tinies

CODE = "def add(a, b):\n    return a + b\n\n\ndef twice(x):\n    return "


def converted(folder: Path, weights: str, tiny: tinies.Tiny = tinies.NEOX) -> list[str]:
    """Convert into `folder/weights`; what was said."""
    said: list[str] = []
    source = tinies.checkpoint(folder / "source", tiny)
    convert(source, folder / weights, Options(Format(weights), "tiny", "MIT"), said.append)
    return said


@pytest.fixture
def without_llama_cpp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)


@pytest.mark.usefixtures("without_llama_cpp")
def test_without_llama_cpp_it_is_said_that_nothing_was_verified(tmp_path: Path) -> None:
    said = converted(tmp_path, "q8_0")
    assert any("was not verified" in line and "polylsp[gguf]" in line for line in said)
    about = json.loads((tmp_path / "q8_0" / MANIFEST).read_text(encoding="utf-8"))
    assert about["engine"] == {"backend": "gguf", "context": tinies.NEOX.context}
    assert about["weights"] == "q8_0"
    names = {file.name for file in (tmp_path / "q8_0").iterdir()}
    assert names == {MANIFEST, "model.gguf", "tokenizer.json", "Modelfile"}


@pytest.mark.usefixtures("without_llama_cpp")
def test_four_bits_need_llama_cpp_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"polylsp\[gguf\].*or choose q8_0"):
        converted(tmp_path, "q4_k_m")
    assert not (tmp_path / "q4_k_m").exists()


@pytest.mark.usefixtures("without_llama_cpp")
def test_the_same_source_gives_the_same_file_byte_for_byte(tmp_path: Path) -> None:
    converted(tmp_path / "one", "q8_0")
    converted(tmp_path / "other", "q8_0")
    one, other = (tmp_path / name / "q8_0" / "model.gguf" for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.usefixtures("without_llama_cpp")
def test_a_model_is_never_written_over(tmp_path: Path) -> None:
    converted(tmp_path, "f32")
    with pytest.raises(ModelError, match="holds a model already"):
        converted(tmp_path, "f32")


@pytest.mark.usefixtures("without_llama_cpp")
def test_a_file_holds_every_number_of_the_checkpoint(tmp_path: Path) -> None:
    from gguf import GGUFReader
    from safetensors.numpy import load_file

    converted(tmp_path, "f32")
    written = {one.name: one.data for one in GGUFReader(tmp_path / "f32/model.gguf").tensors}
    stored = load_file(tmp_path / "source/model.safetensors")
    assert sum(one.size for one in written.values()) == sum(one.size for one in stored.values())
    up = stored["gpt_neox.layers.1.mlp.dense_h_to_4h.weight"]
    assert np.array_equal(written["blk.1.ffn_up.weight"], up)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("tiny", "weights"),
    [
        *((tiny, "f32") for tiny in tinies.TINIES),
        *((tinies.NEOX, weights) for weights in ("f16", "q8_0", "q4_k_m")),
        *((tinies.LLAMA_GROUPED, weights) for weights in ("f16", "q8_0", "q4_k_m")),
    ],
    ids=lambda one: getattr(one, "name", one),
)
def test_llama_cpp_computes_what_the_checkpoint_says(
    tiny: tinies.Tiny, weights: str, tmp_path: Path
) -> None:
    said = converted(tmp_path, weights, tiny)
    assert sum("verified in llama.cpp" in line for line in said) == 2, said
    assert not list((tmp_path / weights).glob("*.f16.gguf"))


@pytest.mark.heavy
def test_a_file_that_computes_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polylsp.export.gguf_parts._INTERLEAVED", ())
    with pytest.raises(ModelError, match="something else"):
        converted(tmp_path, "q8_0", tinies.LLAMA)
    assert not list((tmp_path / "q8_0").glob("*.gguf"))
    assert not (tmp_path / "q8_0" / MANIFEST).exists()


@pytest.mark.heavy
def test_a_splitter_that_llama_cpp_lacks_is_told_of_and_leaves_no_modelfile(tmp_path: Path) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    parsed = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    lines = {"type": "Split", "pattern": {"Regex": r"[^\n]+|\n"}, "behavior": "Isolated"}
    bytes_ = parsed["pre_tokenizer"] | {"use_regex": False}
    parsed["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [lines | {"invert": False}, bytes_],
    }
    (source / "tokenizer.json").write_text(json.dumps(parsed), encoding="utf-8")
    said: list[str] = []
    convert(source, tmp_path / "model", Options(Format("f32"), "tiny"), said.append)
    assert any("no way to split" in line for line in said)
    assert not (tmp_path / "model" / "Modelfile").exists()
    assert (tmp_path / "model" / MANIFEST).exists()


@pytest.mark.heavy
@pytest.mark.parametrize("layout", fake.LAYOUTS)
def test_a_published_folder_of_polycoders_agrees_with_itself_on_every_backend(
    layout: str, tmp_path: Path
) -> None:
    source = fake.make(tmp_path / "source", "tiny", layout=layout)
    said: list[str] = []
    export(source, tmp_path / "onnx", "onnx", Options(Format("fp32"), "tiny"), said.append)
    export(source, tmp_path / "gguf", "gguf", Options(Format("f32"), "tiny"), said.append)
    assert any("the same tokens" in line for line in said), said
    onnx, gguf = (load(tmp_path / name, threads=2) for name in ("onnx", "gguf"))
    texts = [(tmp_path / name / "tokenizer.json").read_bytes() for name in ("onnx", "gguf")]
    assert texts[0] == texts[1]
    ids = Tokenizer(tmp_path / "gguf/tokenizer.json").encode(CODE)
    assert len(ids) > 20
    wanted, found = (one.tape().extend(ids, last=len(ids)) for one in (onnx, gguf))
    assert np.sqrt(np.mean((found - wanted) ** 2)) < 0.005 * wanted.std()
    answers = [generate(Session(one.tape()), ids, Limits(12)).token_ids for one in (onnx, gguf)]
    assert answers[0] == answers[1]
