"""The battery is asked now and then, and who cannot tell is not asked to."""

from __future__ import annotations

import psutil
import pytest

from polylsp.lsp.power import Power, battery_in_use


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
