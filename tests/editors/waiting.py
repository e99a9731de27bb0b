"""Waiting for an editor: looking again and again until what is hoped for is there, or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
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


def saved(file: Path, expected: bytes, seconds: float = 10) -> bytes:
    """A file's content, once it is `expected`, or time is up."""
    end = time.monotonic() + seconds
    while (content := file.read_bytes()) != expected and time.monotonic() < end:
        time.sleep(0.05)
    return content
