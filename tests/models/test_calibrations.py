"""Where calibrations are kept, and what is done about a broken one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from polylsp.engine.load import MANIFEST, manifest
from polylsp.models import calibrations
from polylsp.models.known import KNOWN, Index
from polylsp.models.registry import load_model
from polylsp.models.resolve import EMBEDDED
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration, Curve
from tests import tinies

_TABLE = sorted((Path(calibrations.__file__).parent / "calibrations").glob("*"))
_BOLD = Calibration(Curve(((0.9, 0.5),)), Curve(((0.9, 0.4),)))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tinies.exported(tmp_path_factory.mktemp("good"))


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "model")


def made_of(folder: Path, source: str) -> None:
    """Have the folder's manifest say that it was made of the bytes with that hash."""
    about = manifest(folder) | {"source_sha256": source}
    (folder / MANIFEST).write_text(json.dumps(about), encoding="utf-8")


def test_a_model_comes_with_what_was_written_beside_it(folder: Path) -> None:
    assert load_model(str(folder)).calibration == AT_ITS_WORD
    file = calibrations.write(folder, _BOLD, {"files": 3})
    assert file == folder / "calibration.json"
    model = load_model(str(folder))
    assert (model.calibration, model.note) == (_BOLD, "")
    assert json.loads(file.read_text(encoding="utf-8"))["measured"] == {"files": 3}


def test_what_is_known_of_a_sources_bytes_serves_every_conversion_of_them(folder: Path) -> None:
    made_of(folder, _TABLE[0].stem)
    calibration = load_model(str(folder)).calibration
    assert calibration != AT_ITS_WORD
    assert calibration == Calibration.parse(json.loads(_TABLE[0].read_text(encoding="utf-8")))


def test_what_was_measured_of_the_folder_itself_comes_first(folder: Path) -> None:
    made_of(folder, _TABLE[0].stem)
    calibrations.write(folder, _BOLD, {})
    assert load_model(str(folder)).calibration == _BOLD


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 9}', "\xff", "null", "[" * 9000])
def test_a_broken_file_costs_the_calibration_and_nothing_else(folder: Path, text: str) -> None:
    (folder / "calibration.json").write_text(text, encoding="latin-1")
    model = load_model(str(folder))
    assert model.calibration == AT_ITS_WORD
    assert f"{folder / 'calibration.json'} cannot be used" in model.note
    assert "polylsp bench calibrate" in model.note


def test_the_embedded_model_and_the_one_from_the_index_are_calibrated() -> None:
    assert (EMBEDDED / calibrations.FILE).is_file()
    sources = {one.sha256 for model in KNOWN for one in model.sources if isinstance(one, Index)}
    assert sources <= {file.stem for file in _TABLE}


@pytest.mark.parametrize(
    "file", [*_TABLE, EMBEDDED / "calibration.json"], ids=lambda file: file.name
)
def test_every_calibration_in_the_package_can_be_read(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    calibration = Calibration.parse(found)
    assert found["measured"]["way"] == "raw" or calibration != AT_ITS_WORD
    assert {"model", "files", "characters", "way"} <= set(found["measured"])
    assert file.parent == EMBEDDED or re.fullmatch(r"[0-9a-f]{64}\.json", file.name)
