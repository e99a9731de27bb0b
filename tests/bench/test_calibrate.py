"""`polylsp bench calibrate`: what is counted as shown, what is fitted to it, and how that is judged."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from polylsp.bench.calibrate.fit import WAYS, fitted
from polylsp.bench.calibrate.judge import judge
from polylsp.bench.calibrate.stretches import FLOOR, Choice, Cut, Place, Stretch, read
from polylsp.bench.calibrate.walk import Show, walk, worth
from polylsp.bench.claims import calibration_error
from polylsp.cli.__main__ import main
from polylsp.completer import Completer, snapshot
from polylsp.config import Config, parse
from polylsp.evals.package import Package
from polylsp.models.registry import Model, load_model
from polylsp.models.resolve import EMBEDDED
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration, Curve
from polylsp.suggest.refine import thresholds
from polylsp.types import Cursor, Mode
from tests.evals.conftest import write_package

_SAMPLES = Path(__file__).parent.parent / "samples"
_LOW = Calibration(Curve(((FLOOR, 1.0),)), Curve(((FLOOR, 1.0),)))


def place(*cuts: tuple[float, int, int], mode: Mode = Mode.LINE) -> Place:
    """Where each text is a longer start of the same; 0 characters: nothing can be shown any more."""
    choices = [Choice(least, length, least, length, agrees) for least, length, agrees in cuts]
    return Place(
        mode,
        tuple(
            Cut(last.sure, tuple(choices[: count + 1] if last.length else ()))
            for count, last in enumerate(choices)
        ),
    )


def stretch(*places: Place | None) -> Stretch:
    return Stretch("c", places)


def show(said: float, right: bool, mode: Mode = Mode.LINE, language: str = "c") -> Show:
    return Show(language, mode, said, said, right, 0)


def settings(**suggest: object) -> Config:
    """Nothing is learnt on the way: what is said must not depend on what was typed before."""
    told = {"engine": {"budget": 60_000}, "memory": {"learn": False}, "suggest": suggest}
    return parse(told)[0]


def calibrated(model: Model, calibration: Calibration) -> Model:
    mixture = replace(model.mixture, calibration=calibration)
    return replace(model, calibration=calibration, mixture=mixture)


def test_of_what_could_be_shown_the_one_that_is_worth_the_most_is() -> None:
    one = place((0.9, 4, 4), (0.8, 8, 8), (0.3, 0, 0))
    shown = [one.shown(threshold) for threshold in (0.95, 0.85, 0.75, 0.6, 0.2)]
    assert [choice.length if choice else 0 for choice in shown] == [
        *(0, 4),
        4,  # 0.15 and 0.05 above: 0.6 against 0.4.
        8,
        0,  # Whoever asks for less gets what a filter then drops.
    ]


def test_what_is_right_and_long_enough_is_taken_in_one_step() -> None:
    nothing = place()
    shows = walk([stretch(place((0.9, 3, 3)), nothing, place((0.9, 5, 5)), nothing)], 0.8)
    assert [(one.right, one.taken) for one in shows] == [(True, 3)]
    shows = walk([stretch(nothing, nothing, place((0.9, 5, 5)), nothing)], 0.8)
    assert [one.taken for one in shows] == [2], "the stretch is over then"


def test_what_survives_what_is_typed_along_with_it_is_one_show() -> None:
    other = place((0.9, 9, 0))
    shows = walk([stretch(place((0.9, 5, 3)), other, other, other, other)], 0.8)
    assert [one.right for one in shows] == [False] * 2, "seen over three places, then another"
    shows = walk([stretch(place((0.9, 2, 2)), other, place((0.9, 4, 4)))], 0.8)
    assert [(one.right, one.taken) for one in shows] == [(True, 0), (True, 1)]


def test_a_calibration_asks_for_more_and_says_less() -> None:
    bold = Calibration(Curve(((1.0, 0.8),)))
    typed = [stretch(place((0.9, 4, 4), (0.8, 8, 8)))]
    assert [one.raw for one in walk(typed, 0.6)] == [0.8]
    shows = walk(typed, 0.6, bold)
    assert [one.raw for one in shows] == [0.9]
    assert [one.said for one in shows] == [pytest.approx(0.72)]


def test_every_language_counts_alike() -> None:
    rare, often = Stretch("c", (None,) * 10), Stretch("go", (None,) * 1000)
    shows = [
        *(Show("c", Mode.LINE, 0.9, 0.9, right, 5 * right) for right in (True, False)),
        *(Show("go", Mode.LINE, 0.9, 0.9, False, 0) for _ in range(50)),
    ]
    found = worth([rare, often], shows)
    assert (found.completed, found.wrong) == (0.25, 0.75)
    assert worth([], []).wrong == 0


def error(shows: Sequence[Show]) -> float:
    return calibration_error([(one.said, one.right) for one in shows])


def test_the_error_is_how_far_what_is_said_is_from_what_is_right() -> None:
    assert error([show(0.75, right) for right in (True, True, True, False)]) == 0
    assert error([show(0.75, False), show(0.75, False)]) == pytest.approx(0.75)
    # Within a bin too much and too little make up for each other; between bins they do not.
    assert error([show(0.72, True), show(0.78, False)]) == pytest.approx(0.25)
    assert error([show(0.5, True), show(0.9, False)]) == pytest.approx((0.5 + 0.9) / 2)
    assert error([]) == 0


@pytest.mark.parametrize("way", ["isotonic", "scaled"])
def test_a_model_that_says_too_much_is_found_out(way: str) -> None:
    """Right half as often in the odds as it says: what was fitted knows that of shows it has not seen."""
    chance = random.Random(1)

    def outcomes(count: int) -> list[Show]:
        raws = [chance.uniform(0.2, 1) for _ in range(count)]
        return [show(raw, chance.random() < raw / (2 - raw)) for raw in raws]

    calibration = fitted(outcomes(6000), WAYS[way])
    for raw in (0.3, 0.5, 0.7, 0.9):
        assert calibration.right(raw, Mode.LINE) == pytest.approx(raw / (2 - raw), abs=0.06)
    others = outcomes(3000)
    assert error(others) > 0.1
    told = [replace(one, said=calibration.right(one.raw, one.mode)) for one in others]
    assert error(told) < 0.05


@pytest.mark.parametrize("way", ["isotonic", "scaled"])
def test_each_mode_has_a_curve_where_there_is_enough_to_tell(way: str) -> None:
    chance = random.Random(2)
    raws = [chance.uniform(0.2, 1) for _ in range(1000)]
    lines = [show(raw, True) for raw in raws]
    few = fitted([*lines, *(show(raw, False, Mode.BLOCK) for raw in raws[:50])], WAYS[way])
    assert few.right(0.8, Mode.BLOCK) > 0.8
    many = fitted([*lines, *(show(raw, False, Mode.BLOCK) for raw in raws)], WAYS[way])
    assert many.right(0.8, Mode.BLOCK) < 0.2 < 0.8 < many.right(0.8, Mode.LINE)
    assert fitted([], WAYS[way]) == AT_ITS_WORD


def test_curves_are_judged_on_files_they_were_not_fitted_to() -> None:
    """Chance alone decides what is right here: fitted to the same files, a curve would seem to know."""
    chance = random.Random(3)

    def by_chance() -> Place:
        return place((chance.uniform(0.3, 1), 4, 4 * (chance.random() < 0.5)))

    typed = [stretch(*(by_chance() for _ in range(60))) for _ in range(12)]
    report, calibration = judge(typed, AT_ITS_WORD)
    assert report["loss"]["raw"] > report["loss"][report["way"]] >= 0.68
    assert report["shown"]["raw"]["all"]["error"] > 0.1
    assert all(abs(calibration.right(raw, Mode.LINE) - 0.5) < 0.12 for raw in (0.4, 0.6, 0.9))


@pytest.mark.parametrize("hole", [False, True])
def test_what_could_be_shown_is_what_the_line_shows(embedded: Model, hole: bool) -> None:
    """Asked once for all thresholds, or anew at each: the same text."""
    name = "ring_buffer.c"
    file = _SAMPLES / name
    text = file.read_text(encoding="utf-8")
    typed = read(Completer(calibrated(embedded, _LOW), settings()), file, 80, hole)
    start = text.rfind("\n", 0, len(text) // 3) + 1
    behind = "\n" + text[start + len(typed.places) :] if hole else ""
    raw = calibrated(embedded, AT_ITS_WORD)
    some = 0
    for level, threshold in thresholds(memory=True).items():
        completer = Completer(raw, settings(confidence=level, cache=0))
        for index in range(0, len(typed.places), 6):
            at = start + index
            here = Cursor(snapshot("file:///a", at, "", text[:at] + behind, name), at)
            said = completer.complete(here).suggestions
            one = typed.places[index]
            cut = one.shown(threshold) if one else None
            assert (len(said[0].text) if said else 0) == (cut.length if cut else 0)
            if said and cut:
                some += 1
                assert said[0].confidence == pytest.approx(cut.raw, rel=1e-3)
                assert cut.right == text.startswith(said[0].text, at)
    assert some


def test_a_model_is_measured_and_keeps_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(EMBEDDED, tmp_path / "model")
    (folder / "calibration.json").unlink()
    paths = [str(_SAMPLES / name) for name in ("ring_buffer.c", "graph_search.py")]
    measured = ["--model", str(folder), "--characters", "60"]
    assert main(["bench", "calibrate", *paths, *measured, "--write", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["files"] == 2
    assert 40 < report["characters"] <= 120
    for rows in report["shown"].values():
        assert rows["quiet"]["shown"] <= rows["eager"]["shown"]
    claim = report["claims"][0]
    assert claim["id"] == "calibration_error"
    assert claim["value"] == report["shown"]["own"]["balanced"]["error"]
    assert report["way"] == min(report["loss"], key=report["loss"].get)
    written = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    assert written["measured"]["characters"] == report["characters"]
    assert load_model(str(folder)).calibration == Calibration.parse(report["calibration"])
    assert main(["bench", "calibrate", paths[0], *measured]) == 0
    told = capsys.readouterr().out
    assert "own" in told
    assert "threshold 0.70" in told


def test_with_memory_the_mixture_is_measured_and_keeps_its_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(EMBEDDED, tmp_path / "model")
    package = write_package(tmp_path / "shop")
    before = load_model(str(folder))
    measured = ["--model", str(folder), "--characters", "60", "--files", "1"]
    assert (
        main(["bench", "calibrate", str(package), *measured, "--memory", "--write", "--json"]) == 0
    )
    report = json.loads(capsys.readouterr().out)
    assert report["memory"]
    assert report["claims"][0]["id"] == "memory_calibration_error"
    after = load_model(str(folder))
    assert after.mixture.gate.rows == before.mixture.gate.rows
    assert after.mixture.calibration == Calibration.parse(report["calibration"])
    assert after.calibration == before.calibration


def test_what_memory_knows_is_at_work_at_every_place(embedded: Model, tmp_path: Path) -> None:
    package = write_package(tmp_path / "shop")
    file, files = package / "second.py", sorted(package.iterdir())
    completer = Completer(calibrated(embedded, _LOW), settings())
    known = Package(package, files, embedded.tokenizer).around(file, 0).sources
    alone, helped = (read(completer, file, 80, False, sources) for sources in ((), known))
    assert len(alone.places) == len(helped.places)
    assert right(helped) > right(alone)


def right(stretch: Stretch) -> float:
    """How much of what could be shown is right, weighed by how likely it is found."""
    cuts = (one.cuts[-1] for one in stretch.places if one and one.cuts)
    return sum(choice.raw * choice.agrees for cut in cuts for choice in cut.choices)
