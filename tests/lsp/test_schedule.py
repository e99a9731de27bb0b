"""Who may compute, and who is answered when."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from polylsp.lsp.flight import Flight
from polylsp.lsp.schedule import AHEAD, Background, Schedule, Superseded
from tests.lsp.wire import asynchronous
from tests.marks import cursor

A, B = "file:///a.py", "file:///b.py"
KIND = "inline"


class Work:
    """Work that begins when its turn comes, and ends when it is told to, or cancelled."""

    def __init__(self, result: str = "done", heeds: bool = True) -> None:
        """`heeds`: whether it looks if it is still wanted."""
        self.result = result
        self.heeds = heeds
        self.begun, self.told, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.thread = ""

    def __call__(self, cancelled: Callable[[], bool]) -> str:
        self.thread = threading.current_thread().name
        self.begun.set()
        while not self.told.wait(0.001):
            if self.heeds and cancelled():
                self.ended.set()
                return "cancelled"
        self.ended.set()
        return self.result

    def plain(self) -> str:
        return self(lambda: False)


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 20)


HERE = cursor("x = █\n")


def ask(
    schedule: Schedule,
    document: str,
    work: Work,
    kind: str = KIND,
    flight: Flight | None = None,
) -> asyncio.Task[str]:
    return asyncio.ensure_future(schedule.newest(document, kind, work, flight))


@asynchronous
async def test_work_runs_on_the_engine_thread_alone() -> None:
    schedule = Schedule()
    names = [await schedule.run(lambda: threading.current_thread().name) for _ in range(3)]
    work = Work()
    work.told.set()
    assert await ask(schedule, A, work) == "done"
    assert {*names, work.thread} == {"polylsp-engine"}


@asynchronous
async def test_work_is_done_one_after_the_other_in_order() -> None:
    schedule = Schedule()
    first, order = Work(), []
    task = asyncio.ensure_future(schedule.run(first.plain))
    others = [asyncio.ensure_future(schedule.run(lambda n=n: order.append(n))) for n in range(4)]  # type: ignore[misc]
    await until(first.begun)
    assert order == []
    first.told.set()
    await asyncio.gather(task, *others)
    assert order == [0, 1, 2, 3]


@asynchronous
async def test_the_newest_request_wins_and_the_older_is_answered_at_once() -> None:
    schedule = Schedule()
    old, new = Work("old", heeds=False), Work("new")
    old_task = ask(schedule, A, old)
    await until(old.begun)
    new_task = ask(schedule, A, new)
    with pytest.raises(Superseded):
        await old_task  # It is answered although its work still runs.
    assert not old.ended.is_set()
    old.told.set()
    new.told.set()
    assert await new_task == "new"


@asynchronous
async def test_superseded_work_is_told_to_stop() -> None:
    schedule = Schedule()
    old = Work()
    task = ask(schedule, A, old)
    await until(old.begun)
    schedule.supersede(A)
    await until(old.ended)
    with pytest.raises(Superseded):
        await task


@asynchronous
async def test_work_superseded_before_its_turn_never_begins() -> None:
    schedule = Schedule()
    blocking, waiting = Work(), Work()
    first = ask(schedule, A, blocking)
    await until(blocking.begun)
    second = ask(schedule, B, waiting)
    await asyncio.sleep(0)
    schedule.supersede(B)
    blocking.told.set()
    assert await first == "done"
    with pytest.raises(Superseded):
        await second
    await schedule.run(lambda: None)
    assert not waiting.begun.is_set()


@asynchronous
async def test_requests_for_other_documents_and_of_other_kinds_wait() -> None:
    schedule = Schedule()
    works = [Work("a"), Work("b"), Work("list")]
    tasks = [
        ask(schedule, A, works[0]),
        ask(schedule, B, works[1]),
        ask(schedule, A, works[2], "list"),
    ]
    await until(works[0].begun)
    for work in works:
        work.told.set()
    assert await asyncio.gather(*tasks) == ["a", "b", "list"]


@asynchronous
async def test_an_edit_ends_every_kind_of_request_for_its_document() -> None:
    schedule = Schedule()
    inline, listed, other = Work(), Work(), Work("other")
    tasks = [ask(schedule, A, inline), ask(schedule, A, listed, "list"), ask(schedule, B, other)]
    await until(inline.begun)
    schedule.supersede(A)
    other.told.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in ended] == [Superseded, Superseded, str]


@pytest.mark.parametrize("how", ["an edit", "another request"])
@asynchronous
async def test_work_that_leads_where_the_cursor_went_goes_on_though_it_is_answered(
    how: str,
) -> None:
    schedule, work, flight = Schedule(), Work(), Flight(HERE)
    task = ask(schedule, A, work, flight=flight)
    await until(work.begun)
    flight.say("on")
    newer = Work("newer")
    newer.told.set()
    if how == "an edit":
        schedule.supersede(A, HERE.typed("o"))
    following = ask(schedule, A, newer, flight=Flight(HERE.typed("o")))
    with pytest.raises(Superseded):
        await task
    assert not newer.begun.is_set()
    work.told.set()
    assert await following == "newer"
    assert work.ended.is_set()


@asynchronous
async def test_it_stops_once_the_cursor_goes_elsewhere() -> None:
    schedule, work, flight = Schedule(), Work(), Flight(HERE)
    task = ask(schedule, A, work, flight=flight)
    await until(work.begun)
    flight.say("on")
    schedule.supersede(A, HERE.typed("o"))
    with pytest.raises(Superseded):
        await task
    assert not work.ended.is_set()
    schedule.supersede(A, HERE.typed("x"))
    await until(work.ended)


@asynchronous
async def test_it_stops_once_something_else_is_said_than_was_typed() -> None:
    schedule, work, flight = Schedule(), Work(), Flight(HERE)
    task = ask(schedule, A, work, flight=flight)
    await until(work.begun)
    schedule.supersede(A, HERE.typed("x"))
    with pytest.raises(Superseded):
        await task
    flight.say("o")
    await until(work.ended)


@pytest.mark.parametrize("document", [A, B])
@asynchronous
async def test_what_was_begun_ahead_gives_way_to_what_is_asked_for(document: str) -> None:
    schedule, ahead, asked = Schedule(), Work(), Work("asked")
    begun = ask(schedule, A, ahead, AHEAD, Flight(HERE))
    await until(ahead.begun)
    assert not schedule.busy
    asked.told.set()
    elsewhere = cursor("y = █\n")
    assert await ask(schedule, document, asked, flight=Flight(elsewhere)) == "asked"
    assert ahead.ended.is_set()
    with pytest.raises(Superseded):
        await begun


@asynchronous
async def test_what_was_begun_ahead_is_waited_for_where_it_leads() -> None:
    schedule, ahead, asked = Schedule(), Work(), Work("asked")
    begun = ask(schedule, A, ahead, AHEAD, Flight(HERE))
    await until(ahead.begun)
    asked.told.set()
    task = ask(schedule, A, asked, flight=Flight(HERE))
    with pytest.raises(Superseded):
        await begun
    assert not asked.begun.is_set()
    ahead.told.set()
    assert await task == "asked"


@asynchronous
async def test_what_has_not_begun_by_then_never_begins() -> None:
    schedule, blocking, ahead = Schedule(), Work(), Work()
    first = ask(schedule, B, blocking)
    await until(blocking.begun)
    begun = ask(schedule, A, ahead, AHEAD, Flight(HERE))
    await asyncio.sleep(0)
    schedule.supersede(A, HERE.typed("x"))
    blocking.told.set()
    await first
    with pytest.raises(Superseded):
        await begun
    await schedule.run(lambda: None)
    assert not ahead.begun.is_set()


@asynchronous
async def test_a_cancelled_request_stops_its_work() -> None:
    schedule = Schedule()
    work = Work()
    task = ask(schedule, A, work)
    await until(work.begun)
    task.cancel()
    await until(work.ended)
    with pytest.raises(asyncio.CancelledError):
        await task


@asynchronous
async def test_cancelled_work_that_waits_never_begins() -> None:
    schedule = Schedule()
    blocking, waiting = Work(), Work()
    first = ask(schedule, A, blocking)
    second = asyncio.ensure_future(schedule.run(waiting.plain))
    await until(blocking.begun)
    second.cancel()
    await asyncio.sleep(0)
    blocking.told.set()
    await first
    await schedule.run(lambda: None)
    assert not waiting.begun.is_set()


@asynchronous
async def test_stop_answers_every_request() -> None:
    schedule = Schedule()
    works = [Work(), Work(), Work()]
    tasks = [ask(schedule, f"file:///{n}.py", work) for n, work in enumerate(works)]
    await until(works[0].begun)
    schedule.stop()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in ended] == [Superseded] * 3
    await until(works[0].ended)


@asynchronous
async def test_an_error_is_the_answer_and_the_engine_goes_on() -> None:
    schedule = Schedule()

    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await schedule.run(fail)
    assert await schedule.run(lambda: 1) == 1


@asynchronous
async def test_a_native_librarys_panic_does_not_end_the_engine() -> None:
    class PanicException(BaseException):
        """What pyo3 raises is no Exception."""

    schedule = Schedule()

    def panic() -> None:
        raise PanicException

    with pytest.raises(RuntimeError, match="PanicException"):
        await schedule.run(panic)
    assert await schedule.run(lambda: 1) == 1


@asynchronous
async def test_it_is_busy_from_being_asked_to_having_answered() -> None:
    turns: list[bool] = []
    schedule = Schedule(turned=lambda: turns.append(schedule.busy))
    works = [Work(), Work()]
    tasks = [ask(schedule, A, works[0]), ask(schedule, B, works[1])]
    await until(works[0].begun)
    assert (schedule.busy, turns) == (True, [True])
    for work in works:
        work.told.set()
    await asyncio.gather(*tasks)
    await schedule.run(lambda: None)
    assert not schedule.busy
    assert turns == [True, False, True, False]


@asynchronous
async def test_it_is_busy_with_superseded_work_that_still_runs() -> None:
    schedule = Schedule()
    work = Work(heeds=False)
    task = ask(schedule, A, work)
    await until(work.begun)
    schedule.supersede(A)
    with pytest.raises(Superseded):
        await task
    assert schedule.busy
    work.told.set()
    await schedule.run(lambda: None)


def test_a_result_that_comes_after_the_loop_has_closed_is_dropped() -> None:
    work = Work(heeds=False)
    schedules: list[Schedule] = []

    async def leave() -> None:
        schedules.append(Schedule())
        ask(schedules[0], A, work)
        await until(work.begun)

    asyncio.run(leave())
    work.told.set()

    async def come_back() -> int:
        return await schedules[0].run(lambda: 1)

    assert asyncio.run(come_back()) == 1


def test_a_failed_background_task_is_logged_without_what_it_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ValueError("source text")

    async def start() -> None:
        task: asyncio.Task[Any] = Background().start(fail())
        await asyncio.wait([task])
        await asyncio.sleep(0)

    with caplog.at_level(logging.INFO):
        asyncio.run(start())
    assert [record.getMessage() for record in caplog.records] == [
        "a background task failed: ValueError"
    ]
