"""The battery is asked now and then, and who cannot tell is not asked to."""

from __future__ import annotations

import os
import sys
import threading

import psutil
import pytest

from polylsp.lsp.power import Power, battery_in_use, step_behind


def test_the_battery_is_looked_at_now_and_then() -> None:
    now, looks = [0.0], [True, False]
    power = Power(lambda: looks.pop(0), lambda: now[0])
    assert power.on_battery()
    now[0] = 29
    assert power.on_battery()
    now[0] = 30
    assert not power.on_battery()


class Battery:
    def __init__(self, plugged: bool | None) -> None:
        self.power_plugged = plugged


@pytest.mark.parametrize(
    ("battery", "in_use"),
    [(None, False), (Battery(True), False), (Battery(None), False), (Battery(False), True)],
)
def test_only_a_battery_that_empties_counts(
    battery: Battery | None, in_use: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert battery_in_use() is in_use


def test_a_system_that_cannot_tell_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert not battery_in_use()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux")
def test_a_thread_steps_behind_and_no_other_does() -> None:
    found: list[int] = []

    def look() -> None:
        step_behind()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found[0] > before
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
