"""The whole benchmark, as far as it needs no server: what it takes, who takes part."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from polylsp.bench.replay import measure
from polylsp.bench.replay.measure import Plan
from polylsp.bench.replay.workspaces import Workspaces
from polylsp.errors import PolyError
from tests.bench.replay.test_typist import Clock, Screen


def test_a_server_is_watched_once_it_should_be_still(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    screen = Screen(clock, {})
    assert measure._idle(screen, clock) == {"idle_cores": 0.1}
    assert clock.now() == 115
    monkeypatch.setattr(screen, "cpu_seconds", lambda: math.nan)
    assert measure._idle(screen, clock) == {}


def test_human_time_is_estimated_for_everybody_who_takes_part(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("value = 123\n" * 500)
    plan = Plan({}, rivals=("naive",), timed_characters=240)
    assert measure.minutes({"python": [file]}, plan) == pytest.approx(3)
    quick = Plan({}, clients=("vscode",), timed_characters=240, speed=2)
    assert measure.minutes({"python": [file]}, quick) == pytest.approx(0.5)


def test_a_rival_runs_what_it_is_given(tmp_path: Path) -> None:
    with pytest.raises(PolyError, match="--weights"):
        measure._contestant("naive", Plan({}), Workspaces(tmp_path, []))
