"""Who may compute: one engine thread, and for each document only its newest request.

Everything that touches a model, a tree or a cache runs on that thread, one after the other. The event loop
never waits for it: handlers await a future.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from queue import SimpleQueue
from typing import Any, TypeVar

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")


class Superseded(Exception):  # noqa: N818 - Nothing went wrong.
    """A newer request, or an edit, has made this one pointless."""


class Job:
    """One request, from being asked to being answered."""

    def __init__(self, answer: asyncio.Future[Any]) -> None:
        self.answer = answer
        self.cancelled = threading.Event()


class Schedule:
    """Used from the event loop alone; only the work itself runs on the engine thread."""

    def __init__(self, turned: Callable[[], None] = lambda: None) -> None:
        """`turned` is called when `busy` has become another."""
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._newest: dict[tuple[str, str], Job] = {}  # By document and kind of request.
        self._waiting = 0
        self._turned = turned
        threading.Thread(target=self._engine, name="polylsp-engine", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether something is computed, or waits for it."""
        return self._waiting > 0

    async def newest(
        self, document: str, kind: str, work: Callable[[Callable[[], bool]], _Result]
    ) -> _Result:
        """What `work` returns, unless a newer request of its kind for the document comes first.

        `work` is given a function that tells whether it is not wanted any more; it is asked between tokens.
        Raises Superseded at once when it is not, and asyncio's CancelledError when the client cancelled.
        """
        key = document, kind
        self._end(key)
        job = Job(asyncio.get_running_loop().create_future())
        self._newest[key] = job
        try:
            return await self._done(job, lambda: work(job.cancelled.is_set))
        finally:
            if self._newest.get(key) is job:
                del self._newest[key]

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """What `work` returns, after everything asked for before it."""
        return await self._done(Job(asyncio.get_running_loop().create_future()), work)

    def supersede(self, document: str) -> None:
        """End what runs or waits for a document: it has changed."""
        for key in [key for key in self._newest if key[0] == document]:
            self._end(key)

    def stop(self) -> None:
        """End every request that runs or waits."""
        for key in list(self._newest):
            self._end(key)

    def _end(self, key: tuple[str, str]) -> None:
        job = self._newest.pop(key, None)
        if job is not None:
            job.cancelled.set()
            if not job.answer.done():
                job.answer.set_exception(Superseded())

    async def _done(self, job: Job, work: Callable[[], _Result]) -> _Result:
        """The result of `work`; it is not begun once nobody waits for it any more."""
        self._submit(job, work)
        try:
            result: _Result = await job.answer
            return result
        finally:
            job.cancelled.set()

    def _submit(self, job: Job, work: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()

        def attempt() -> None:
            result: object = None
            error: Exception | None = None
            try:
                if not job.cancelled.is_set():
                    result = work()
            except Exception as raised:
                error = raised
            except BaseException as raised:  # A native library's panic must not end the engine.
                error = RuntimeError(type(raised).__name__)
            with contextlib.suppress(RuntimeError):  # The loop is closed: the server has ended.
                loop.call_soon_threadsafe(self._finish, job, result, error)

        self._wait_for(1)
        self._queue.put(attempt)

    def _finish(self, job: Job, result: object, error: Exception | None) -> None:
        if not job.answer.done():
            if error is None:
                job.answer.set_result(result)
            else:
                job.answer.set_exception(error)
        self._wait_for(-1)

    def _wait_for(self, more: int) -> None:
        was_busy = self.busy
        self._waiting += more
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
