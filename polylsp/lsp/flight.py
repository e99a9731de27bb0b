"""What is computed at one place while the user types on: where that leads, and whether it still does.

The engine thread says what the model has said so far, the event loop what has been typed.
"""

from __future__ import annotations

from polylsp.types import Cursor


class Flight:
    """A generation on its way."""

    def __init__(self, start: Cursor, explicit: bool = False, lead: str = "") -> None:
        """`explicit`: asked by hand. `lead`: what has to be typed at `start` before it is of use."""
        self.start = start
        self.explicit = explicit
        self._lead = lead
        self._said = lead
        self._typed = ""

    @property
    def supposed(self) -> bool:
        """Whether something before the place was not all typed when this began."""
        return bool(self._lead)

    def say(self, text: str) -> None:
        """Note what the model has said behind the start and the lead, all of it."""
        self._said = self._lead + text

    def follow(self, now: Cursor, explicit: bool = False) -> bool:
        """Note where the cursor is, and tell whether the answer may be of use there.

        It may if nothing has changed but what was typed at the start, and that agrees with what was said. Who
        asks by hand (`explicit`) wants more than others get.
        """
        typed = self.start.until(now)
        if typed is None or (explicit and not self.explicit):
            return False
        self._typed = typed
        return not self.lost

    @property
    def lost(self) -> bool:
        """Whether something else is said than was typed."""
        return not (self._said.startswith(self._typed) or self._typed.startswith(self._said))
