"""A model is asked in several ways, as editors ask it."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.completer import Completer
from polylsp.config import Config
from polylsp.evals.held import held_out
from polylsp.evals.polyline.around import Packages
from polylsp.evals.polyline.points import Point, choose
from polylsp.evals.polyline.speaker import Around, Speaker
from polylsp.evals.polyline.ways import BUILT, NAIVE, PREFIX, trial
from polylsp.models.registry import Model
from tests.evals.conftest import write_package
from tests.fakes import ScriptedWeights, replying, scripted_model
from tests.marks import cursor


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("polyline") / "shop")


@pytest.fixture(scope="module")
def points(package: Path) -> list[Point]:
    return choose(held_out([package], 2), 6)


def test_a_prompt_is_the_one_that_the_line_itself_builds(
    embedded: Model, points: list[Point], package: Path
) -> None:
    speaker, packages = Speaker(embedded), Packages([package])
    point = points[-1]
    around = packages.around(point.held)
    lined = Completer(embedded, Config()).prompt(point.cursor, around.opened)
    assert speaker.say(point.cursor, PREFIX, around).prompt_tokens == len(
        getattr(lined, "token_ids", ())
    )


def test_a_built_prompt_takes_no_more_than_the_last_characters_do(
    embedded: Model, points: list[Point], package: Path
) -> None:
    speaker, packages = Speaker(embedded), Packages([package])
    for point in points:
        if point.offset >= 2000:
            around = packages.around(point.held)
            naive = speaker.say(point.cursor, NAIVE, around).prompt_tokens
            assert speaker.say(point.cursor, BUILT, around).prompt_tokens <= naive


def test_an_answer_depends_on_nothing_that_was_asked_before(
    embedded: Model, points: list[Point]
) -> None:
    first, second = Speaker(embedded), Speaker(embedded)
    some = points[:3]
    said = [first.say(point.cursor, PREFIX, Around()) for point in some]
    assert [second.say(one.cursor, PREFIX, Around()) for one in reversed(some)] == said[::-1]


def test_a_line_is_said_to_its_end_however_unsure_and_prompts_alike_are_read_once(
    tmp_path: Path,
) -> None:
    weights = ScriptedWeights(replying("return 12345\nmore"), sure=0.2)
    speaker = Speaker(scripted_model(tmp_path, weights))
    place = cursor("def f():\n    █")
    said = speaker.say(place, PREFIX, Around())
    assert said.text == "return 12345"
    assert 0 < said.confidence < 0.01
    read = weights.read
    assert speaker.say(place, PREFIX, Around()) == said
    assert weights.read == read


def test_the_trial_leaves_one_thing_out_at_a_time() -> None:
    names = [way.name for way in trial(fills=True)]
    assert names[:3] == ["naive", "naive healed", "built"]
    for part in ("healing", "suffix", "path", "neighbour", "import", "sibling", "scope"):
        assert f"without {part}" in names
    assert "with suffix" not in [way.name for way in trial(fills=False)]


def test_neither_the_file_nor_its_twin_is_at_hand(package: Path, points: list[Point]) -> None:
    packages = Packages([package])
    held = next(point.held for point in points if point.held.name == "first.py")
    opened = [one.path for one in packages.around(held).opened]
    assert opened == ["second.py", "small.py"]
    assert len(packages.texts(held)) == 2
