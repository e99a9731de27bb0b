"""A person at the keyboard, as a plan that a seed makes: when each key comes, typos, looking elsewhere.

Delays are log-normal, as measured typing is, longer where a word or a line begins. Indentation is typed too:
every character costs its key.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from math import log
from pathlib import Path

from polylsp.errors import PolyError

_MEDIAN, _SPREAD = 0.17, 0.45  # Seconds between two keys, and the deviation of their logarithm.
_WORD, _LINE, _INDENTATION = 1.5, 4.0, 0.7  # How much slower what begins these is.
_NOTICING = 2.5  # How much slower the first key is that mends a typo …
_ELSEWHERE = 5.0  # … and the one before and after a look elsewhere.
_TYPOS = 0.015  # Share of the letters.
_JUMPS = 0.004  # Share of the keys before which the cursor goes away and comes back.
_FURTHEST = 400  # Characters that it goes.
_LONGEST = 2.0  # Seconds: who pauses longer is not typing.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {key: near for row in _ROWS for key, near in zip(row, row[1:] + row[-2], strict=True)}


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key: characters typed, or one erased, or the cursor moved by so many characters."""

    wait: float  # Seconds since the key before.
    text: str = ""
    erased: int = 0
    moved: int = 0


class Hand:
    """Keys for one text after the other; the same seed, the same keys."""

    def __init__(self, seed: int = 7, speed: float = 1.0, delays: Sequence[float] = ()) -> None:
        """`speed` divides all delays; `delays` are recorded ones, in seconds, used again and again."""
        self.speed = speed
        self._random = random.Random(seed)
        self._recorded = cycle(delays) if delays else None

    def strokes(self, text: str, at: int) -> list[Stroke]:
        """From `text[:at]` to one character more, or a few where a typo is noticed late; mostly one key."""
        wait = self._wait(text, at)
        keys: list[Stroke] = []
        if self._random.random() < _JUMPS:
            keys += self._elsewhere(at)
        wrong = _NEIGHBOURS.get(text[at])
        if wrong and self._random.random() < _TYPOS:
            return [*keys, *self._typo(text, at, wrong, wait)]
        return [*keys, Stroke(wait, text[at])]

    def reaction(self, median: float) -> float:
        """Seconds that noticing something takes, this time."""
        return self._random.lognormvariate(log(median), 0.25) / self.speed

    def pause(self, seconds: float) -> float:
        """Seconds of doing nothing."""
        return seconds / self.speed

    def _typo(self, text: str, at: int, wrong: str, wait: float) -> Iterator[Stroke]:
        """A wrong character, up to two more before it is noticed, all taken back."""
        late = self._random.randrange(3)
        further = text[at + 1 : at + 1 + late].partition("\n")[0]
        yield Stroke(wait, wrong)
        for character in further:
            yield Stroke(self._delay(), character)
        for index in range(1 + len(further)):
            yield Stroke(self._delay(1 if index else _NOTICING), erased=1)
        yield Stroke(self._delay(), text[at])

    def _elsewhere(self, at: int) -> Iterator[Stroke]:
        """Somewhere above, and back."""
        if distance := self._random.randint(0, min(at, _FURTHEST)):
            yield Stroke(self._delay(_ELSEWHERE), moved=-distance)
            yield Stroke(self._delay(_ELSEWHERE), moved=distance)

    def _wait(self, text: str, at: int) -> float:
        before = text[at - 1 : at]
        if before in ("", "\n"):
            return self._delay(_LINE)
        if text[at].isspace():
            return self._delay(_INDENTATION if before.isspace() else 1)
        return self._delay(1 if before.isalnum() or before == "_" else _WORD)

    def _delay(self, slower: float = 1) -> float:
        if self._recorded is not None:
            return next(self._recorded) / self.speed
        return self._random.lognormvariate(log(_MEDIAN * slower), _SPREAD) / self.speed


def recorded(file: Path) -> list[float]:
    """Delays in seconds from JSON lines, each an object with a `time` in milliseconds. Raises PolyError.

    Longer pauses than two seconds count as two.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        times = [float(json.loads(line)["time"]) for line in lines if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PolyError(
            f'{file} holds no recorded keys: one {{"time": milliseconds}} a line is wanted ({error})'
        ) from error
    if len(times) < 2:
        raise PolyError(f"{file} holds {len(times)} recorded keys: two are the least")
    return [min(_LONGEST, max(0.0, (now - before) / 1000)) for before, now in pairwise(times)]
