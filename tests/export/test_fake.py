"""PolyCoder's architectures with random weights: the layout of the published folders, to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from polylsp.errors import ModelError
from polylsp.export import checkpoint, fake, vocabulary
from polylsp.export.convert import Options
from polylsp.export.dispatch import export
from polylsp.export.quantise import Format


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fake.make(tmp_path_factory.mktemp("published"), "tiny")


def test_it_is_polycoders_architecture(published: Path) -> None:
    shape = checkpoint.load(published).shape
    assert (shape.family, shape.vocab, shape.context) == ("gpt_neox", 50_304, 2048)
    assert (shape.rotary, shape.rotary_base) == (shape.head_dim, 10000)
    assert (shape.norm_epsilon, shape.activation) == (1e-5, "gelu")
    assert not shape.tied
    assert not shape.parallel_residual


@pytest.mark.parametrize(
    ("size", "parameters"), [("160M", 162e6), ("0.4B", 405e6), ("2.7B", 2.775e9)]
)
def test_the_published_sizes_are_known(size: str, parameters: float) -> None:
    one = fake.SIZES[size]
    body = one.layers * (12 * one.hidden**2 + 13 * one.hidden)
    assert 2 * 50_304 * one.hidden + body == pytest.approx(parameters, rel=0.01)


def test_the_folder_has_the_published_files(published: Path) -> None:
    assert sorted(file.name for file in published.iterdir()) == [
        "config.json",
        "merges.txt",
        "pytorch_model.bin",
        "special_tokens_map.json",
        "tokenizer_config.json",
        "vocab.json",
    ]


def test_its_weights_would_show_a_conversion_that_loses_some(published: Path) -> None:
    model = checkpoint.load(published)
    assert model["0.up.weight"].std() == pytest.approx(0.02, rel=0.05)
    assert 0 < np.abs(model["1.norm1.weight"] - 1).max() < 0.2
    for part in ("qkv", "out", "up", "down", "norm1", "norm2"):
        bias = model.get(f"1.{part}.bias")
        assert bias is not None
        assert bias.std() > 0.01


def test_every_form_holds_the_same_model(published: Path, tmp_path: Path) -> None:
    whole = checkpoint.load(published)
    for number, storage in enumerate(fake.STORAGES):
        folder = tmp_path / str(number)
        fake.make(folder, "tiny", layout="headerless", storage=storage, shard=10_000_000)
        made = checkpoint.load(folder)
        assert len(made.files) == 3
        assert made.shape == whole.shape
        assert np.array_equal(made["head.weight"], whole["head.weight"])
        assert vocabulary.tokenizer_json(folder) == vocabulary.tokenizer_json(published)


def test_half_precision_and_another_seed_are_another_model(published: Path, tmp_path: Path) -> None:
    half = fake.make(tmp_path / "half", "tiny", dtype="fp16")
    other = fake.make(tmp_path / "other", "tiny", seed=1)
    name = "0.up.weight"
    whole = checkpoint.load(published)[name]
    assert np.array_equal(checkpoint.load(half)[name], whole.astype(np.float16))
    assert not np.array_equal(checkpoint.load(other)[name], whole)
    assert json.loads((half / "config.json").read_text("utf-8"))["torch_dtype"] == "float16"


def test_nothing_is_overwritten(published: Path) -> None:
    with pytest.raises(ModelError, match="holds a model already"):
        fake.make(published, "tiny")


@pytest.mark.parametrize(
    "wrong", [{"size": "7B"}, {"layout": "other"}, {"storage": "zip"}, {"dtype": "int8"}]
)
def test_what_is_not_known_is_told_with_what_is(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(ModelError, match="choose one of"):
        fake.make(tmp_path, **{"size": "tiny"} | wrong)  # type: ignore[arg-type]


@pytest.mark.heavy
@pytest.mark.parametrize("layout", fake.LAYOUTS)
def test_the_graph_computes_what_transformers_does(tmp_path: Path, layout: str) -> None:
    import torch
    from transformers import GPTNeoXForCausalLM

    from polylsp.engine.load import load
    from polylsp.prompt.tokenizer import Tokenizer

    source = fake.make(tmp_path / "source", "tiny", layout=layout)
    made = tmp_path / "made"
    export(source, made, "onnx", Options(Format("fp32"), "tiny"), lambda _: None)
    ids = Tokenizer(made / "tokenizer.json").encode("def f(x):\n    return [x for x in x]\n" * 5)
    with torch.no_grad():
        model = GPTNeoXForCausalLM.from_pretrained(source, dtype=torch.float32)
        wanted = model(torch.tensor([ids])).logits[0].numpy()
    found = load(made).tape().extend(ids, len(ids))
    assert np.abs(found - wanted).max() < 1e-4
