"""What Python computes while the model does: a pass leaves the interpreter's lock to others.

One thread, and hardly any ado: an executor's futures would take as long as the work itself.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

_Result = TypeVar("_Result")


class Pending(Generic[_Result]):
    """What will be known."""

    __slots__ = ("_done", "_error", "_result", "_work")

    def __init__(self, work: Callable[[], _Result] | None = None) -> None:
        self._work = work
        self._result: _Result
        self._error: BaseException | None = None
        self._done = threading.Lock()
        if work is not None:
            self._done.acquire()

    @classmethod
    def of(cls, result: _Result) -> Pending[_Result]:
        """What is known already."""
        known: Pending[_Result] = cls()
        known._result = result
        return known

    def run(self) -> None:
        """Find it out."""
        assert self._work is not None
        try:
            self._result = self._work()
        except (
            BaseException
        ) as error:  # A native library's panic: who waits for it must hear of it.
            self._error = error
        finally:
            self._work = None
            self._done.release()

    def result(self) -> _Result:
        """It, waiting until it is known. Raises what the work has raised."""
        with self._done:
            if self._error is not None:
                raise self._error
            return self._result


def beside(work: Callable[[], _Result]) -> Pending[_Result]:
    """Have `work` done on another thread, after what it was given before."""
    pending = Pending(work)
    _queue().put(pending)
    return pending


@functools.cache
def _queue() -> SimpleQueue[Pending[Any]]:
    queue: SimpleQueue[Pending[Any]] = SimpleQueue()

    def go_on() -> None:
        while True:
            queue.get().run()

    threading.Thread(target=go_on, name="polylsp-beside", daemon=True).start()
    return queue
