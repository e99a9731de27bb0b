"""The machine that others work on as well: the server steps back behind them, and spares the battery."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import psutil

_LOOK_AGAIN = 30.0  # Seconds.
_NICENESS = 5  # Where processes have one: others get three times the share of a busy processor.


def step_back() -> None:
    """Let this process compute after those that a person waits for."""
    lower = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", _NICENESS)
    with contextlib.suppress(OSError, psutil.Error):
        psutil.Process().nice(lower)


def battery_in_use() -> bool:
    """Whether the machine runs on its battery; False where nobody can tell."""
    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError, psutil.Error):
        return False
    return battery is not None and battery.power_plugged is False


class Power:
    """Whether to be sparing, looked up now and then."""

    def __init__(
        self,
        look: Callable[[], bool] = battery_in_use,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look = look
        self._clock = clock
        self._looked: float | None = None
        self._on_battery = False

    def on_battery(self) -> bool:
        now = self._clock()
        if self._looked is None or now - self._looked >= _LOOK_AGAIN:
            self._looked, self._on_battery = now, self._look()
        return self._on_battery
