"""Editors with real servers behind them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from polylsp.client.editor import Editor

Start = Callable[..., Editor]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts editors as `Editor` does; what is still running at the end is ended."""
    with _starting() as starting:
        yield starting


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """One editor for a whole file, its model ready. Its tests open documents of their own."""
    with _starting() as starting:
        ready = starting()
        ready.wait_until_ready()
        yield ready
        # Whatever was done to it.
        assert ready.status()["state"] == "ready"
        assert ready.quit() == 0


@contextlib.contextmanager
def _starting() -> Iterator[Start]:
    running: list[Editor] = []

    def starting(settings: Any = None, **how: Any) -> Editor:
        running.append(Editor(settings, **how))
        return running[-1]

    try:
        yield starting
    finally:
        for one in running:
            if one.connection.process.poll() is None:
                one.connection.process.kill()
            one.quit()
