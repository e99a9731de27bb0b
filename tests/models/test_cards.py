"""What is told of models without loading them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.engine.load import MANIFEST
from polylsp.errors import ModelError
from polylsp.models.cards import Card, card, cards
from polylsp.models.known import KNOWN
from polylsp.models.resolve import EMBEDDED
from tests import tinies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tinies.exported(tmp_path)


def edit(folder: Path, **changes: object) -> None:
    about = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | changes
    (folder / MANIFEST).write_text(json.dumps(about), encoding="utf-8")


def test_a_card_is_what_the_manifest_says(folder: Path) -> None:
    found = card(folder)
    assert (found.name, found.licence, found.weights) == ("neox", "MIT", "fp32")
    assert (found.parameters, found.context, found.fills) == (102_528, tinies.NEOX.context, True)
    assert found.megabytes == pytest.approx(0.4, abs=0.1)


def test_a_card_bears_what_a_person_may_have_written(folder: Path) -> None:
    edit(folder, parameters="many", engine={"context": "long"}, licence=None, weights=None)
    found = card(folder)
    assert (found.parameters, found.context, found.licence, found.weights) == (0, 0, "?", "?")


def test_a_prompt_that_is_no_object_is_told(folder: Path) -> None:
    edit(folder, prompt=7)
    with pytest.raises(ModelError, match="'prompt' is not an object"):
        card(folder)


def test_everything_that_can_be_used_or_pulled_has_a_card(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYLSP_MODELS", str(tmp_path / "store"))  # Other tests put theirs there.
    found = list(cards([str(folder), "missing"]))
    names = [one.name for one in found if isinstance(one, Card)]
    assert names == ["embedded", *(model.name for model in KNOWN), "neox"]
    assert isinstance(found[-1], ModelError)


def test_what_can_be_pulled_tells_its_needs_by_format(folder: Path) -> None:
    found = [one for one in cards() if isinstance(one, Card)]
    largest = next(one for one in found if one.name == "polycoder-2.7b")
    assert largest.folder is None
    assert largest.memory["fp32"] > largest.memory["int8"] > largest.memory["int4"] > 2000
    assert largest.memory["int8"] < 6 * 1024
    assert largest.sources == ("hub: NinedayWang/PolyCoder-2.7B",)


def test_the_embedded_model_is_complete_and_small() -> None:
    found = card(EMBEDDED)
    assert {"README.md", "LICENSE"} <= {file.name for file in EMBEDDED.iterdir()}
    assert found.megabytes < 40
    assert found.licence == "MIT"
