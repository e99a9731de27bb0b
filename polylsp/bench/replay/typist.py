"""Press keys in human time on one contestant, and take what is right on the screen.

Before each key the typist looks: what has been there for as long as a person takes to notice, and is what the
file says, is taken instead of typing on. In between only the clock and the screen are watched.
"""

from __future__ import annotations

import time
from typing import Protocol

from polylsp.bench.replay.contestant import Contestant
from polylsp.bench.replay.keys import Hand, Stroke
from polylsp.bench.replay.pieces import Piece
from polylsp.bench.replay.record import Show, Typed
from polylsp.bench.replay.rules import taken

_LOOKING = 2.0  # Seconds at a document that was opened, before the first key.
_REACTION = 0.25  # Seconds, the median, from a suggestion's appearance to its being noticed.
_GLANCE = 0.01  # Seconds between two looks at the screen.
_SETTLING = 60.0  # Seconds that the last key may take.


class Clock(Protocol):
    """What tells the time, and lets it pass."""

    def now(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class WallClock:
    def now(self) -> float:
        return time.perf_counter()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Typist:
    """One person, one contestant."""

    def __init__(
        self, contestant: Contestant, hand: Hand, clock: Clock | None = None, rule: str = "full"
    ) -> None:
        self._contestant = contestant
        self._hand = hand
        self._clock = clock or WallClock()
        self._rule = rule

    def type(self, piece: Piece) -> Typed:
        """Type one piece, key by key."""
        contestant, clock = self._contestant, self._clock
        typed = Typed(piece, len(contestant.presses), before=contestant.figures())
        cpu, began = contestant.cpu_seconds(), clock.now()
        contestant.open(piece.uri, piece.language, piece.opened, piece.start)
        clock.sleep(self._hand.pause(_LOOKING))
        _Session(typed, contestant, self._hand, clock, self._rule).run()
        typed.seconds = clock.now() - began
        contestant.settle(_SETTLING)
        typed.last = len(contestant.presses)
        typed.cpu_seconds = contestant.cpu_seconds() - cpu
        typed.after = contestant.figures()
        contestant.close()
        return typed


class _Session:
    """One piece being typed."""

    def __init__(
        self, typed: Typed, contestant: Contestant, hand: Hand, clock: Clock, rule: str
    ) -> None:
        self._typed, self._piece = typed, typed.piece
        self._contestant, self._hand, self._clock, self._rule = contestant, hand, clock, rule
        self._at = self._cursor = (
            typed.piece.start
        )  # How far the text is right; where the cursor is.
        self._wrong = 0  # Characters behind `_at` that are to be taken back.
        self._show: Show | None = None  # That what was typed since agrees with.
        self._rest = ""  # What is left of it.
        self._visible = False
        self._last = clock.now()  # When the last key was pressed.

    def run(self) -> None:
        while self._at < self._piece.end:
            for stroke in self._hand.strokes(self._piece.text, self._at):
                self._watch(self._last + stroke.wait)
                if part := self._accepts():
                    self._accept(part)
                    break
                self._press(stroke)

    def _watch(self, until: float) -> None:
        """Look at the screen until it is time for the next key."""
        self._look()
        while (left := until - self._clock.now()) > 0:
            self._clock.sleep(min(_GLANCE, left))
            self._look()

    def _look(self) -> None:
        shown = self._contestant.screen()
        if shown is None or shown.offset != self._cursor or not shown.text:
            self._visible = False
            return
        now, survives = self._clock.now(), self._show is not None
        if not (survives and shown.text == self._rest):
            # One that goes on from what is there does not disturb.
            if survives and self._visible and not shown.text.startswith(self._rest):
                self._typed.flickers += 1
            right = self._clean and self._piece.text.startswith(shown.text, self._at)
            noticed = self._hand.reaction(_REACTION)
            self._show = Show(shown.offset, shown.text, right, since=now, noticed=noticed)
            self._typed.shows.append(self._show)
        elif not self._visible and self._show is not None:
            self._show.since = now
        self._rest, self._visible = shown.text, True

    @property
    def _clean(self) -> bool:
        return not self._wrong and self._cursor == self._at

    def _accepts(self) -> str:
        """What of the screen is taken now."""
        show = self._show
        if show is None or not self._visible or not self._clean:
            return ""
        if self._clock.now() - show.since < show.noticed:
            return ""
        return taken(self._rest, self._piece.text, self._at, self._rule)

    def _accept(self, part: str) -> None:
        assert self._show is not None
        self._show.accepted += min(len(part), self._piece.end - self._at)
        self._typed.accepts += 1
        self._put(self._cursor, part)

    def _press(self, stroke: Stroke) -> None:
        if stroke.moved:
            self._show, self._visible = None, False
            self._cursor += stroke.moved
            self._send(self._cursor, self._cursor, "")
        elif stroke.erased:
            self._show, self._visible = None, False
            self._cursor -= stroke.erased
            self._wrong -= stroke.erased
            self._send(self._cursor, self._cursor + stroke.erased, "")
        else:
            self._put(self._cursor, stroke.text)

    def _put(self, start: int, text: str) -> None:
        """Type `text`, and see whether what is shown survives that."""
        if self._show is not None and self._rest.startswith(text) and self._rest != text:
            self._rest = self._rest[len(text) :]
        else:
            self._show, self._visible = None, False
        if self._wrong or not self._piece.text.startswith(text, self._at):
            self._wrong += len(text)
        else:
            self._at += len(text)
        self._cursor += len(text)
        self._send(start, start, text)

    def _send(self, start: int, end: int, text: str) -> None:
        if not self._clean:
            self._typed.astray.add(len(self._contestant.presses))
        self._last = self._clock.now()
        self._contestant.press(start, end, text, self._cursor)
