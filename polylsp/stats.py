"""What answers cost, one by one and all together. Counters only: nothing here changes what is answered."""

from __future__ import annotations

import functools
import math
import statistics
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import psutil

from polylsp.types import Answer, Silence


def resident_bytes() -> int | None:
    """What this process has in memory; None where the system does not tell."""
    try:
        return int(_this_process().memory_info().rss)
    except (OSError, psutil.Error):
        return None


@functools.cache
def _this_process() -> psutil.Process:
    """Looked up once: that takes ten times as long as asking it, and clients are told after every answer."""
    return psutil.Process()


class Stopwatch:
    """Milliseconds by station."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, station: str) -> None:
        """Put what has passed since the last lap down to `station`."""
        now = time.perf_counter()
        passed = self.milliseconds.get(station, 0.0) + (now - self._last) * 1000
        self.milliseconds[station] = round(passed, 3)
        self._last = now


@dataclass(slots=True)
class Stats:
    """Counters since the model was loaded."""

    answers: int = 0  # To what was asked; what was computed before that counts in tokens only.
    hits: int = 0  # Answered from the suggestion cache.
    shown: int = 0
    earlier: int = 0  # Of these, the ones that were there before, or begun at another place.
    accepted: int = 0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0
    wasted_tokens: int = 0  # Of these, the ones of answers that were ended halfway.
    silences: Counter[Silence] = field(default_factory=Counter)
    last: Answer = field(default_factory=Answer)
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=100))  # Milliseconds.

    def note(self, answer: Answer, asked: bool = True) -> Answer:
        """Count `answer`, and hand it on."""
        trace = answer.trace
        self.prompt_tokens += trace.prompt_tokens
        self.reused_tokens += trace.reused
        self.generated_tokens += trace.generated
        if answer.silence is Silence.CANCELLED:
            self.wasted_tokens += trace.generated
        if not asked:
            return answer
        self.answers += 1
        self.hits += trace.hit
        self.shown += bool(answer.suggestions)
        self.earlier += bool(answer.suggestions) and trace.earlier
        self.last = answer
        if answer.silence:
            self.silences[answer.silence] += 1
        self.latencies.append(sum(trace.milliseconds.values()))
        return answer

    @property
    def silence(self) -> str | None:
        """Why the last answer was empty, in a word."""
        return self.last.silence.value if self.last.silence else None

    @property
    def last_milliseconds(self) -> float | None:
        """What the last answer took."""
        return round(self.latencies[-1], 2) if self.latencies else None

    def summary(self) -> dict[str, Any]:
        """As `polylsp/status` tells it: counts, shares of 1, and milliseconds of the last 100 answers."""
        recent = sorted(self.latencies)
        return {
            "answers": self.answers,
            "shown": self.shown,
            "accepted": self.accepted,
            "earlier": self.earlier,
            "hitRate": round(self.hits / self.answers, 4) if self.answers else 0.0,
            "reusedShare": (
                round(self.reused_tokens / self.prompt_tokens, 4) if self.prompt_tokens else 0.0
            ),
            "promptTokens": self.prompt_tokens,
            "reusedTokens": self.reused_tokens,
            "generatedTokens": self.generated_tokens,
            "wastedTokens": self.wasted_tokens,
            "lastMilliseconds": self.last_milliseconds,
            "medianMilliseconds": round(statistics.median(recent), 2) if recent else None,
            "p95Milliseconds": round(recent[math.ceil(0.95 * len(recent)) - 1], 2)
            if recent
            else None,
            "lastSilence": self.silence,
            "last": {
                "hit": self.last.trace.hit,
                "promptTokens": self.last.trace.prompt_tokens,
                "reusedTokens": self.last.trace.reused,
                "generatedTokens": self.last.trace.generated,
                "milliseconds": self.last.trace.milliseconds,
            },
            "silences": {reason.value: count for reason, count in self.silences.most_common()},
        }
