"""Who may compute: one engine thread, and for each document only its newest request.

Everything that touches a model, a tree or a cache runs on that thread, one after the other. The event loop
never waits for it: handlers await a future.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

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

    def __init__(self) -> None:
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._newest: dict[str, Job] = {}
        self._waiting = 0
        threading.Thread(target=self._engine, name="polylsp-engine", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether something is computed, or waits for it."""
        return self._waiting > 0

    async def newest(self, document: str, work: Callable[[Callable[[], bool]], _Result]) -> _Result:
        """What `work` returns, unless a newer request for the document comes first.

        `work` is given a function that tells whether it is still wanted; it is asked between tokens.
        Raises Superseded at once when it is not, and asyncio's CancelledError when the client cancelled.
        """
        self.supersede(document)
        job = Job(asyncio.get_running_loop().create_future())
        self._newest[document] = job
        try:
            self._submit(job, lambda: work(job.cancelled.is_set))
            result: _Result = await job.answer
            return result
        finally:
            job.cancelled.set()
            if self._newest.get(document) is job:
                del self._newest[document]

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """What `work` returns, after everything asked for before it."""
        job = Job(asyncio.get_running_loop().create_future())
        self._submit(job, work)
        result: _Result = await job.answer
        return result

    def supersede(self, document: str) -> None:
        """End the request that runs or waits for a document, if there is one."""
        job = self._newest.pop(document, None)
        if job is not None:
            job.cancelled.set()
            if not job.answer.done():
                job.answer.set_exception(Superseded())

    def stop(self) -> None:
        """End everything that runs or waits."""
        for document in list(self._newest):
            self.supersede(document)

    def _submit(self, job: Job, work: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        self._waiting += 1

        def finish(result: object, error: BaseException | None) -> None:
            self._waiting -= 1
            if job.answer.done():
                return
            if error is None:
                job.answer.set_result(result)
            else:
                job.answer.set_exception(error)

        def attempt() -> None:
            result: object = None
            error: BaseException | None = None
            try:
                if not job.cancelled.is_set():
                    result = work()
            except Exception as raised:
                error = raised
            if not loop.is_closed():
                loop.call_soon_threadsafe(finish, result, error)

        self._queue.put(attempt)

    def _engine(self) -> None:
        while True:
            self._queue.get()()
