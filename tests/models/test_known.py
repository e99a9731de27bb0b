"""The registry: names, ids, and the sizes that memory needs are computed from."""

from __future__ import annotations

import re

import pytest

from polylsp.errors import ModelError
from polylsp.models.known import KNOWN, Hub, Index, Known, find, named


def test_a_name_and_a_hubs_id_are_the_same_model() -> None:
    assert find("polycoder-160m") == find("NinedayWang/PolyCoder-160M")
    assert find("PolyCoder-160M") == find("ninedaywang/polycoder-160m") is not None


def test_any_other_id_is_a_model_to_ask_the_hub_for() -> None:
    found = named("Some.body/Model_1.5-b")
    assert found.sources == (Hub("Some.body/Model_1.5-b"),)
    assert found.home == "some.body--model_1.5-b"
    assert found.plan is None


@pytest.mark.parametrize("spec", ["gpt", "a/b/c", "../up", "a/..", "~/x", "", "\0", "a b/c"])
def test_what_looks_like_neither_is_told_what_could_be_given(spec: str) -> None:
    assert find(spec) is None
    with pytest.raises(ModelError, match=r"give one of polycoder-160m, .* or a Hugging Face id"):
        named(spec)


@pytest.mark.parametrize("model", KNOWN, ids=lambda model: model.name)
def test_sizes_are_those_that_the_name_promises(model: Known) -> None:
    said = re.search(r"([\d.]+)([mb])", model.name)
    assert said
    assert model.plan
    promised = float(said[1]) * (1e6 if said[2] == "m" else 1e9)
    assert model.plan.parameters == pytest.approx(promised, rel=0.3)
    assert model.licence
    assert model.context >= 2048


def test_one_model_comes_from_a_package_index_too() -> None:
    hub, index = named("smollm2-135m").sources
    assert (hub.kind, index.kind) == ("hub", "index")
    assert isinstance(index, Index)
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in (index.sha256, index.wheel_sha256))


def test_code_models_that_fill_in_the_middle_are_told_apart() -> None:
    filling = {model.name for model in KNOWN if model.fills}
    assert {"starcoder2-3b", "qwen2.5-coder-0.5b", "granite-3b-code"} <= filling
    assert not any(name.startswith(("polycoder", "smollm")) for name in filling)
