"""What models need, and what a machine can spare."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from polylsp.config import EngineConfig
from polylsp.models import memory
from polylsp.models.memory import Plan, needed

PLAN = Plan(12, 768, 12, 12, 3072, 50_304)


def test_parameters_are_counted_as_published() -> None:
    assert PLAN.parameters == pytest.approx(162.3e6, rel=0.01)


def test_fewer_bits_need_less_memory() -> None:
    needs = [needed(PLAN, weights) for weights in ("fp32", "bf16", "int8", "int4")]
    assert needs == sorted(needs, reverse=True)
    assert needed(PLAN, "fp32") > 4 * PLAN.parameters


def test_a_longer_context_needs_more_memory() -> None:
    longer = needed(PLAN, "int8", 4096) - needed(PLAN, "int8", 2048)
    assert longer == 2048 * 12 * 2 * 768 * 4


def test_settings_say_how_much_there_is() -> None:
    assert memory.limit(EngineConfig(model_memory=7)) == 7 * 2**20
    assert memory.limit(EngineConfig()) == pytest.approx(memory.available(), rel=0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems may not tell")
def test_what_is_free_is_told() -> None:
    free = memory.available()
    assert free is not None
    assert 2**20 < free < 2**50


def test_a_container_has_what_is_left_of_its_share(tmp_path: Path) -> None:
    free = memory.available(tmp_path)
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert memory.available(tmp_path) == 2_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available(tmp_path) == pytest.approx(free, rel=0.5)


def test_a_system_that_does_not_tell_sets_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError

    monkeypatch.setattr(psutil, "virtual_memory", refuse)
    assert memory.available() is None


def test_bytes_are_shown_as_people_say_them() -> None:
    assert memory.shown(3 * 2**30 // 2) == "1.5 GB"
    assert memory.shown(300 * 2**20) == "300 MB"
