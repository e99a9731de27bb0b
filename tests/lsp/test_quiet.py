"""Something long is done when it is wanted, may be, and there is quiet; and ends when that is over."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import pytest

from polylsp.lsp.power import Power
from polylsp.lsp.quiet import Quiet
from polylsp.lsp.schedule import Background
from tests.lsp.wire import asynchronous


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polylsp.lsp.quiet._QUIET", 0.0)


class Work:
    """Work that begins, and ends when it is told to or halted."""

    def __init__(self, again: float = math.inf, busy: bool = False, battery: bool = False) -> None:
        self.begun = 0
        self.busy = busy
        self.last: asyncio.Event | None = None
        self._again = again
        power = Power(lambda: battery)
        self.quiet = Quiet(self._done, Background(), lambda: self.busy, power)

    async def _done(self, halted: Callable[[], bool]) -> float:
        self.begun += 1
        self.last = asyncio.Event()
        while not (self.last.is_set() or halted()):
            await asyncio.sleep(0)
        return self._again

    async def begins(self, times: int) -> None:
        while self.begun < times:
            await asyncio.sleep(0)

    def end(self) -> None:
        assert self.last is not None
        self.last.set()


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@asynchronous
async def test_it_is_done_once_however_often_it_is_wanted() -> None:
    work = Work()
    for _ in range(3):
        work.quiet.want()
    await work.begins(1)
    work.end()
    await turns()
    assert (work.begun, work.quiet.wanted) == (1, False)


@asynchronous
async def test_what_is_ended_halfway_goes_on() -> None:
    work = Work()
    work.quiet.want()
    for times in (1, 2, 3):
        await work.begins(times)
        work.quiet.disturb()
        assert work.quiet.wanted
    await work.begins(4)


@asynchronous
async def test_what_is_dropped_ends_and_does_not_go_on() -> None:
    work = Work()
    work.quiet.want()
    await work.begins(1)
    work.quiet.drop()
    await turns()
    assert (work.begun, work.quiet.wanted) == (1, False)


@asynchronous
async def test_it_says_itself_when_it_is_wanted_again() -> None:
    work = Work(again=0.0)
    work.quiet.want()
    await work.begins(1)
    work.end()
    await work.begins(2)


@asynchronous
async def test_it_does_not_begin_while_somebody_waits_for_something_else() -> None:
    work = Work(busy=True)
    work.quiet.want()
    await turns()
    assert work.begun == 0
    work.busy = False
    await work.begins(1)


@asynchronous
async def test_it_does_not_begin_on_battery() -> None:
    work = Work(battery=True)
    work.quiet.want()
    await turns()
    assert (work.begun, work.quiet.wanted) == (0, True)


@asynchronous
async def test_a_key_puts_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polylsp.lsp.quiet._QUIET", 60.0)
    work = Work()
    work.quiet.disturb()
    work.quiet.want()
    await turns()
    assert (work.begun, work.quiet.wanted) == (0, True)
