"""Losses of files, and a later model beside the bootstrap."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from polylsp.evals.perplexity import losses, picture
from polylsp.evals.perplexity.losses import Loss
from polylsp.evals.perplexity.measure import Evaluation, Plan
from polylsp.evals.perplexity.table import table

SAMPLES = Path(__file__).parent.parent.parent / "samples"


def loss(language: str, bits: float, name: str = "a") -> Loss:
    return Loss(language + name, language, "p", name, 100, 50, 40, 100 * bits * math.log(2))


def evaluation(folder: Path, before: list[Loss]) -> Evaluation:
    losses.write(before, folder / "before.jsonl")
    return Evaluation(Plan(), against=folder / "before.jsonl")


def claims(report: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for one in report["claims"]}


def test_a_model_is_held_against_the_bootstrap_on_the_texts_that_both_have_read(
    tmp_path: Path,
) -> None:
    before = [loss("c", 1.0), loss("cpp", 1.2), loss("go", 0.8)]
    ours = [loss("c", 0.9), loss("cpp", 1.2), loss("go", 0.6), loss("go", 9.0, "another")]
    made = claims(evaluation(tmp_path, before).report({"mine": ours}, ["here"]))
    assert made["bits_per_byte"]["value"] == pytest.approx(0.9)
    assert made["bits_per_byte"]["target"] == pytest.approx(0.92)
    assert made["bits_gain_vs_bootstrap"]["value"] == pytest.approx(0.1)
    assert made["bits_gain_vs_bootstrap"]["n"] == 3
    assert made["bits_gain_vs_bootstrap_c"]["holds"]
    assert not made["bits_gain_vs_bootstrap_cpp"]["holds"]


def test_nothing_is_promised_on_texts_that_nobody_has_read_before(tmp_path: Path) -> None:
    report = evaluation(tmp_path, [loss("c", 1.0, "other")]).report({"mine": [loss("c", 1.0)]}, [])
    assert report["claims"] == []
    assert report["bootstrap"] is None


def test_losses_are_kept_as_they_were(tmp_path: Path) -> None:
    one = replace(loss("c", 1.0), nats=12.345)
    losses.write([loss("go", 1.0), one], tmp_path / "losses.jsonl")
    assert losses.read(tmp_path / "losses.jsonl")[one.sha256] == one
    assert losses.read(tmp_path / "none") == {}


def test_the_bootstrap_has_losses_in_all_languages() -> None:
    known = losses.read(losses.BOOTSTRAP)
    assert len({one.language for one in known.values()}) == 12
    means = [losses.bits_per_byte(ones) for ones in losses.by_language(known.values()).values()]
    assert all(0.5 < one < 2.0 for one in means)


def test_real_files_are_read_once_and_reported_on(tmp_path: Path) -> None:
    pytest.importorskip("pygments")
    work = Evaluation(Plan(files=1, characters=400), keep=tmp_path / "kept")
    texts = [one for one in work.texts([SAMPLES]) if one.held.language in ("c", "go")]
    assert all(len(one.text) <= 400 and one.text.endswith("\n") for one in texts)
    name, found = work.read("embedded", texts)
    assert name == "embedded"
    assert [one.language for one in found] == ["c", "go"]
    assert all(0.3 < one.bits / one.bytes < 4 for one in found)
    assert work.read("embedded", texts) == (name, found)
    report = work.report({name: found}, ["samples"])
    assert "| embedded |" in table(report)
    assert "perplexity by Pygments token" in table(report)
    pytest.importorskip("matplotlib")
    picture.draw(report, tmp_path / "bits.svg")
    assert "in the mean" in (tmp_path / "bits.svg").read_text(encoding="utf-8")
