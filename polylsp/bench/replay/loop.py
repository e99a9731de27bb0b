"""A thread that does one thing after the other, as an editor's own does.

All that a client knows belongs to it, so nothing needs a lock; what takes long is done beside it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Thread
from typing import TypeVar

from polylsp.errors import PolyError

_T = TypeVar("_T")
_Call = Callable[[], None]


class Loop:
    """Runs until it is ended, or something it was given fails."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = Condition()
        self._calls: deque[_Call] = deque()
        self._timer: tuple[float, _Call] | None = None
        self._busy = 0  # What is being done, here and beside it.
        self._ended = False
        self._failure: Exception | None = None
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, what: _Call) -> None:
        """Have it done, after all that was given before; from any thread. Raises what failed before."""
        with self._changed:
            self._check()
            self._calls.append(what)
            self._changed.notify_all()

    def ask(self, what: Callable[[], _T]) -> _T:
        """What it is then; from any other thread. Raises what failed."""
        answer: Future[_T] = Future()
        self.call(lambda: answer.set_result(what()))
        with self._changed:
            self._changed.wait_for(lambda: answer.done() or self._failure)
            self._check()
        return answer.result()

    def later(self, seconds: float, what: _Call) -> None:
        """Have it done in a while, and not what was to be done later so far."""
        with self._changed:
            self._timer = (time.perf_counter() + seconds, what)
            self._changed.notify_all()

    def not_later(self) -> None:
        with self._changed:
            self._timer = None

    def beside(self, work: Callable[[], _T], then: Callable[[_T], None]) -> None:
        """Have `work` done on a thread of its own; what comes of it goes to `then`, here."""

        def do() -> None:
            try:
                result = work()
            except Exception as error:  # It must not get lost with its thread.
                self._fail(error)
            else:
                with self._changed:
                    self._calls.append(lambda: then(result))
                    self._busy -= 1
                    self._changed.notify_all()

        with self._changed:
            self._busy += 1
        Thread(target=do, name=f"{self._name}, beside", daemon=True).start()

    def settle(self, seconds: float) -> None:
        """Wait until there is nothing to do, now or later. Raises PolyError where that takes longer."""
        with self._changed:
            quiet = self._changed.wait_for(lambda: self._failure or self._idle(), seconds)
            self._check()
        if not quiet:
            raise PolyError(f"{self._name} is not done after {seconds:g} seconds")

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (what := self._next()) is not None:
            try:
                what()
            except Exception as error:
                self._fail(error)
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _next(self) -> _Call | None:
        with self._changed:
            while not self._ended:
                if self._calls:
                    self._busy += 1
                    return self._calls.popleft()
                left = None if self._timer is None else self._timer[0] - time.perf_counter()
                if self._timer and left is not None and left <= 0:
                    what, self._timer = self._timer[1], None
                    self._busy += 1
                    return what
                self._changed.wait(left)
        return None

    def _idle(self) -> bool:
        return not (self._calls or self._timer or self._busy)

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._failure = self._failure or error
            self._ended = True
            self._changed.notify_all()

    def _check(self) -> None:
        if self._failure:
            raise self._failure
        if self._ended:
            raise PolyError(f"{self._name} has quit")
