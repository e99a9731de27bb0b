"""When something long is done that nobody waits for: while nobody types or waits for something else, and not on
battery. Whatever disturbs ends it, and when there is quiet it goes on.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from polylsp.lsp.power import Power
from polylsp.lsp.schedule import Background

_QUIET = 2.0  # Seconds without anything that disturbs, before it begins.
_LOOK_AGAIN = 30.0  # Seconds, on battery.
_NOW, _NEVER = -math.inf, math.inf

Halted = Callable[[], bool]


class Quiet:
    """Has one piece of work done whenever it is wanted and may be. Used from the event loop alone."""

    def __init__(
        self,
        work: Callable[[Halted], Coroutine[Any, Any, float]],
        background: Background,
        busy: Callable[[], bool],
        power: Power,
    ) -> None:
        """`work` is to end soon once it is halted, which it may ask on any thread, and returns in how many
        seconds it is wanted again, if at all (else infinity); `busy()`: whether somebody waits for something else.
        """
        self._work = work
        self._background = background
        self._busy = busy
        self._power = power
        self._halted = threading.Event()
        self._working = False
        # On the loop's clock:
        self._due = _NEVER  # When it is wanted next.
        self._rested = 0.0  # When there will have been quiet for long enough.
        self._ended = _NOW
        self._timer: asyncio.TimerHandle | None = None

    @property
    def wanted(self) -> bool:
        """Whether it is done, or would be if there were quiet."""
        return self._working or self._due == _NOW

    def want(self, after: float = _NOW) -> None:
        """Have it done as soon as may be, or `after` so many seconds since it ended last."""
        self._due = min(self._due, self._ended + after)
        self._plan()

    def drop(self) -> None:
        """It is not wanted any more."""
        self._halted.set()
        self._due = _NEVER

    def interrupt(self) -> None:
        """Something short needs its thread: end it, and go on behind that."""
        self._halted.set()
        if self._working:
            self._due = _NOW

    def disturb(self) -> None:
        """Something else is going on: end it, and go on when there is quiet."""
        self.interrupt()
        self._rested = asyncio.get_running_loop().time() + _QUIET

    def _plan(self) -> None:
        """See that it begins when it may: one timer, however often somebody types."""
        begin = max(self._due, self._rested)
        if self._due == _NEVER or self._working:
            return
        if self._timer is None or self._timer.when() > begin:
            self._look_at(begin)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        if self._busy():
            self.disturb()
        if max(self._due, self._rested) > now:
            self._plan()
        elif self._power.on_battery():
            self._look_at(now + _LOOK_AGAIN)
        else:
            self._working = True
            self._background.start(self._begin())

    async def _begin(self) -> None:
        self._halted, self._due = threading.Event(), _NEVER
        after = _NEVER
        try:
            after = await self._work(self._halted.is_set)
        finally:
            self._working, self._ended = False, asyncio.get_running_loop().time()
            self.want(after)
