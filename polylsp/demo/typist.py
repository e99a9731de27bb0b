"""Somebody who types a text at human speed, and takes what is suggested where it is right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from polylsp.demo.ghost import Ghost

LOOK = 0.8  # Seconds that a suggestion is looked at before it is taken.
_LEAST = 2  # Characters; to take fewer is more work than to type them.
_PIECE = re.compile(r"\n[ \t]*|.", re.DOTALL)  # Editors put a new line's indentation in themselves.


@dataclass(frozen=True, slots=True)
class Press:
    """One key, and how long it takes to get to it."""

    text: str
    seconds: float
    takes: bool = False  # It takes this much of the suggestion.


def press(left: str, ghost: Ghost | None, chance: Random) -> Press | None:
    """What to press next with `left` to be typed; None at its end."""
    if not left:
        return None
    if ghost is not None:
        for taken in (ghost.text, ghost.line, ghost.word):
            if left.startswith(taken) and len(taken.strip()) >= _LEAST:
                return Press(taken, LOOK, takes=True)
    found = _PIECE.match(left)
    assert found is not None
    return Press(found.group(), _seconds(found.group(), chance))


def _seconds(piece: str, chance: Random) -> float:
    """About seventy words a minute: slower where a new thought begins."""
    pause = 0.35 if piece[0] == "\n" else 0.16 if piece in " ({[=." else 0.07
    return pause * chance.uniform(0.6, 1.4)
