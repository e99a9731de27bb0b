"""Who may compute: one engine thread, and for each document only its newest request.

Everything that touches a model, a tree or a cache runs on that thread, one after the other. The event loop
never waits for it: handlers await a future. A request is answered at once when a newer one comes; what was
computed for it goes on if it leads where the cursor went.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator
from queue import SimpleQueue
from typing import Any, TypeVar

from polylsp.lsp.flight import Flight
from polylsp.types import Cursor

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class Superseded(Exception):  # noqa: N818 - Nothing went wrong.
    """A newer request, or an edit, has made this one pointless."""


AHEAD = "ahead"  # The kind of what nobody has asked for yet.


class Job:
    """One piece of work, from being asked for to being done."""

    def __init__(self, document: str = "", kind: str = "", flight: Flight | None = None) -> None:
        self.document = document
        self.kind = kind
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.begun = False
        self._flight = flight
        self._cancelled = threading.Event()

    def supersede(self, now: Cursor | None, explicit: bool = False) -> None:
        """Answer it; `now` is where the cursor stands, as far as that is known."""
        if not self.answer.done():
            self.answer.set_exception(Superseded())
        flight = self._flight
        leads = now is not None and flight is not None and flight.follow(now, explicit)
        if not (self.begun and leads):
            self._cancelled.set()

    def cancel(self) -> None:
        """The client has cancelled it, and nothing was typed that it leads to."""
        self._cancelled.set()

    def cancelled(self) -> bool:
        """Whether what it computes is of no use to anybody."""
        return self._cancelled.is_set() or (self._flight is not None and self._flight.lost)


class Schedule:
    """Used from the event loop alone; only the work itself runs on the engine thread."""

    def __init__(self, turned: Callable[[], None] = lambda: None, thread: str = "engine") -> None:
        """`turned` is called when `busy` has become another; `thread` names the one that works."""
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._jobs: list[Job] = []  # That are not done, oldest first.
        self._turned = turned
        threading.Thread(target=self._engine, name=f"polylsp-{thread}", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether something that was asked for is computed, or waits for it."""
        return any(job.kind != AHEAD for job in self._jobs)

    async def newest(
        self,
        document: str,
        kind: str,
        work: Callable[[Callable[[], bool]], _Result],
        flight: Flight | None = None,
    ) -> _Result:
        """What `work` returns, unless a newer request of its kind for the document comes first.

        `work` is given a function that tells whether it is not wanted any more; it is asked between tokens.
        With a `flight`, work for one that is answered already goes on for as long as that may be of use.
        What nobody waits for gives way to what is asked for. Raises Superseded at once when a newer request
        comes, and asyncio's CancelledError when the client cancelled.
        """
        now, explicit = (flight.start, flight.explicit) if flight else (None, False)
        for job in self._jobs:
            same = (job.document, job.kind) == (document, kind)
            if same or job.kind == AHEAD or job.answer.done():
                job.supersede(now, explicit)
        job = Job(document, kind, flight)
        return await self._done(job, lambda: work(job.cancelled))

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """What `work` returns, after everything asked for before it."""
        return await self._done(Job(), work)

    def supersede(self, document: str, now: Cursor | None = None) -> None:
        """Answer what waits for a document: it has changed, or something else was answered.

        `now`: where the cursor is likely to stand. What leads there goes on.
        """
        for job in self._jobs:
            if job.document == document:
                job.supersede(now)

    def stop(self) -> None:
        """End every request that runs or waits."""
        for job in self._jobs:
            if job.document:
                job.supersede(None)

    async def _done(self, job: Job, work: Callable[[], _Result]) -> _Result:
        """The result of `work`; it is not begun once it is of no use any more."""
        self._submit(job, work)
        try:
            result: _Result = await job.answer
        except asyncio.CancelledError:
            job.cancel()
            raise
        return result

    def _submit(self, job: Job, work: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()

        def attempt() -> None:
            result: object = None
            error: Exception | None = None
            try:
                if not job.cancelled():
                    job.begun = True
                    result = work()
            except Exception as raised:
                error = raised
            except BaseException as raised:  # A native library's panic must not end the engine.
                error = RuntimeError(type(raised).__name__)
            with contextlib.suppress(RuntimeError):  # The loop is closed: the server has ended.
                loop.call_soon_threadsafe(self._finish, job, result, error)

        with self._turning():
            self._jobs.append(job)
        self._queue.put(attempt)

    def _finish(self, job: Job, result: object, error: Exception | None) -> None:
        if not job.answer.done():
            if error is None:
                job.answer.set_result(result)
            else:
                job.answer.set_exception(error)
        with self._turning():
            self._jobs.remove(job)

    @contextlib.contextmanager
    def _turning(self) -> Iterator[None]:
        was_busy = self.busy
        yield
        if self.busy is not was_busy:
            self._turned()

    def _engine(self) -> None:
        while True:
            self._queue.get()()


class Background:
    """Tasks that nobody awaits: kept from the garbage collector, their failures logged."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a background task failed: %s", type(error).__name__)
            log.debug("the error", exc_info=error)
