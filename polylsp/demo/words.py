"""What is told of the server: the status line, and the panel's counters. Plain words, no screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polylsp.demo.session import Answer

_CACHED = "from cache"
_WAITED = 50  # Milliseconds: what takes longer was still being computed when it was asked for.


def speed(answer: Answer | None, status: Mapping[str, Any]) -> str:
    """How long the last answer took, and where it came from."""
    if answer is None:
        return ""
    how = source(status["last"]) if "last" in status else ""
    if how == _CACHED and answer.milliseconds > _WAITED:
        how = "begun ahead"
    return f"{answer.milliseconds:.0f} ms" + (f", {how}" if how else "")


def source(last: Mapping[str, Any]) -> str:
    """Where an answer came from, of `polylsp/status`' `last`."""
    if last["hit"]:
        return _CACHED
    read = last["promptTokens"] - last["reusedTokens"]
    return f"read {_many(read, 'token')}, said {last['generatedTokens']}"


def origin(memory: Mapping[str, Any]) -> str:
    """How much of a suggestion the memory of one's own code gave, and where that stands."""
    if not memory["share"]:
        return "nothing from memory"
    where = f" of {memory['origin']}" if memory["origin"] else ""
    return f"{memory['share']:.0%} from memory{where}"


def counters(status: Mapping[str, Any]) -> str:
    """The counters of `polylsp/status`, a few lines of them."""
    if "answers" not in status:
        return str(status.get("message") or status["state"])
    read = status["promptTokens"] - status["reusedTokens"]
    silences = ", ".join(f"{count} {reason}" for reason, count in status["silences"].items())
    lines = [
        f"{_many(status['answers'], 'answer')}, {status['shown']} shown, {status['accepted']} accepted",
        f"{status['hitRate']:.0%} from cache, {status['earlier']} begun unasked",
        _times(status["medianMilliseconds"], status["p95Milliseconds"]),
        f"{_many(read, 'token')} read, {status['reusedShare']:.0%} of prompts kept",
        f"{_many(status['generatedTokens'], 'token')} said, {status['wastedTokens']} in vain",
    ]
    if resident := status["megabytes"]["resident"]:
        lines.append(f"{resident:.0f} MB in memory")
    if silences:
        lines.append(f"silent: {silences}")
    return "\n".join(lines)


def given(prompt: Mapping[str, Any]) -> str:
    """A line above the prompt: how long it is, or why there is none."""
    if prompt["silence"]:
        return f"The model would not be asked here: {prompt['silence']}."
    return f"What the model is given here, {_many(prompt['tokens'], 'token')}:"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _times(median: float | None, p95: float | None) -> str:
    """Of answers inside the server, in milliseconds."""
    if median is None or p95 is None:
        return "nothing answered yet"
    return f"half within {median:.0f} ms, 95% within {p95:.0f} ms"
