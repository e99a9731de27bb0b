"""Waiting for an editor: looking again and again until what is hoped for is there, or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    look: Callable[[], T],
    what: str,
    *,
    seconds: float = 30,
    rest: Callable[[float], object] = time.sleep,
) -> T:
    """What `look` finds, once that is true or not empty. Fails with `what` was waited for."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s; the last look: {found!r}")
        rest(0.05)
    return found
