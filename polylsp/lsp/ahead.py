"""What is computed before it is asked for, so that it is there when it is.

At a key: what the editor will ask for. Behind an answer: what comes once it is taken. When a document is
opened or shown, and while nothing is typed: the prompts that answers will build on. All of it gives way to
whatever is asked for, and stays undone on battery.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from polylsp.errors import PolyError
from polylsp.lsp.flight import Flight
from polylsp.lsp.power import Power
from polylsp.lsp.schedule import AHEAD, Background, Schedule, Superseded
from polylsp.types import Answer, Cursor, Silence, Snapshot

if TYPE_CHECKING:
    from polylsp.completer import Completer

_IDLE = 2.0  # Seconds without a key after which other documents are read.
_PLACES = 64  # Documents whose last cursor is known.
_ANSWERS = 2  # To compute behind one that was given: what follows it, and what follows Return.


class Computes(Protocol):
    """What the model says at a cursor, once it is its turn. Raises Superseded."""

    def __call__(
        self, completer: Completer, cursor: Cursor, kind: str, flight: Flight
    ) -> Awaitable[Answer]: ...


class Ahead:
    """Used from the event loop alone."""

    def __init__(
        self,
        schedule: Schedule,
        background: Background,
        compute: Computes,
        documents: Callable[[str], tuple[Snapshot, list[Snapshot]] | None],
        ready: Callable[[], Completer | None],
    ) -> None:
        """`documents(uri)`: an open document and the others; `ready()`: who can answer, under the settings of
        now.
        """
        self._schedule = schedule
        self._background = background
        self._compute = compute
        self._documents = documents
        self._ready = ready
        self.power = Power()
        self._offsets: OrderedDict[str, int] = OrderedDict()  # By URI, the last used one last.
        self._timer: asyncio.TimerHandle | None = None

    def typed(self, cursor: Cursor) -> None:
        """A key was typed: begin with what will be asked for at `cursor`, unless the answer is there already."""
        self.seen(cursor)
        if (completer := self._willing()) and completer.find(cursor, asked=False) is None:
            self._start(partial(self._compute, completer, cursor, AHEAD, Flight(cursor)))

    def answered(self, completer: Completer, cursor: Cursor, answer: Answer) -> None:
        """Go on behind an answer."""
        self.seen(cursor)
        if self._willing() is completer:
            self._start(partial(self._go_on, completer, cursor, answer))

    def shown(self, uri: str, offset: int | None = None) -> None:
        """A document was opened, or came to the front, with the cursor there as far as that is known."""
        if offset is not None:
            self._note(uri, offset)
        if self._warms() is not None:
            self._start(partial(self._warm_up, uri))

    def seen(self, cursor: Cursor) -> None:
        """Note where the user is at work."""
        self._note(cursor.snapshot.uri, cursor.offset)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_IDLE, self.idle)

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document."""
        self._offsets.pop(uri, None)

    def idle(self) -> None:
        """Nothing is typed: read the documents that the user was in before, as many as fit into memory."""
        self._timer = None
        if (completer := self._warms()) is not None:
            others = list(self._offsets)[-completer.tapes : -1]
            self._start(partial(self._warm_up, *reversed(others)))

    async def _go_on(self, completer: Completer, cursor: Cursor, answer: Answer) -> None:
        lead = ""
        for _ in range(_ANSWERS):
            more = completer.beyond(cursor.typed(lead), answer)
            # The time was over before the prompt was read: the next key shall find it read.
            if not more and answer.silence is not Silence.DEADLINE:
                return
            lead += more
            there = cursor.typed(lead)
            known = completer.find(there, asked=False)
            answer = known or await self._compute(
                completer, there, AHEAD, Flight(cursor, lead=lead)
            )
            if answer.suggestions:
                return

    async def _warm_up(self, *uris: str) -> None:
        for uri in uris:
            completer = self._warms()
            found = self._documents(uri)
            if completer is not None and found is not None:
                snapshot, others = found
                read = partial(completer.warm_up, snapshot, self._offsets.get(uri), others)
                await self._schedule.newest(uri, AHEAD, read)

    def _start(self, work: Callable[[], Awaitable[object]]) -> None:
        async def quietly() -> None:
            with contextlib.suppress(Superseded, PolyError):
                await work()

        self._background.start(quietly())

    def _note(self, uri: str, offset: int) -> None:
        self._offsets[uri] = offset
        self._offsets.move_to_end(uri)
        while len(self._offsets) > _PLACES:
            self._offsets.popitem(last=False)

    def _willing(self) -> Completer | None:
        """Who computes what nobody has asked for, if anybody does now."""
        completer = self._ready()
        willing = completer is not None and completer.config.engine.ahead
        return completer if willing and not self.power.on_battery() else None

    def _warms(self) -> Completer | None:
        completer = self._willing()
        return completer if completer and completer.config.engine.warm_up else None
