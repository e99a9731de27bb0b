"""Type a real file, one character at a time, into a real server, and ask at every key.

No pauses: the next key comes with the answer to the last. Half of the file is typed at its end, half into a
hole in its middle. Beside it a second server with every cache and all reuse switched off gets the same
edits, and answers a sample of the same requests, each right after the first server did.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from polylsp.bench.claims import Claim, machine, percentile
from polylsp.client.editor import Editor

# What is begun before it is asked for would be measured as a hit.
_FAST = {"engine": {"ahead": False}}
_PLAIN = {"engine": {"ahead": False, "reuse": False}, "suggest": {"cache": 0}}
_URI = "file:///keystroke"


@dataclass(slots=True)
class _Timings:
    """Milliseconds of answers, by what gave them."""

    every: list[float] = field(default_factory=list)
    hits: list[float] = field(default_factory=list)
    model: list[float] = field(default_factory=list)  # Engine time of those without a hit.
    shown: int = 0
    prompt_tokens: int = 0
    reused: int = 0


def measure(
    text: str,
    language_id: str,
    settings: dict[str, Any],
    *,
    sampled: int = 400,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report on typing `text`; `sampled` requests also go to the plain server.

    Raises PolyError where a server does not get ready.
    """
    keys = list(_keys(text))
    every = max(1, len(keys) // max(1, sampled))
    fast, plain = Editor(_over(settings, _FAST)), Editor(_over(settings, _PLAIN))
    try:
        model = fast.wait_until_ready()["model"]
        plain.wait_until_ready()
        timings, same, without = _Timings(), _Timings(), _Timings()
        for index, key in enumerate(keys):
            for editor in (fast, plain):
                _type(editor, key, language_id)
            _ask(fast, key, timings, *([same] if index % every == 0 else []))
            if index % every == 0:
                _ask(plain, key, without)
            if index % 500 == 499:
                say(f"{index + 1} of {len(keys)} keys")
    finally:
        fast.quit()
        plain.quit()
    return _report(text, model, timings, same, without)


@dataclass(frozen=True, slots=True)
class _Key:
    uri: str
    before: str | None  # What the document holds when this is the first key typed into it.
    offset: int
    character: str


def _keys(text: str) -> Iterator[_Key]:
    """The second half, typed behind the first; then the middle half, typed between its quarters."""
    lines = text.splitlines(keepends=True)
    half, first, third = len(lines) // 2, len(lines) // 4, 3 * len(lines) // 4
    parts = (
        ("end", "".join(lines[:half]), "".join(lines[half:]), ""),
        # A hole is an empty line between what stands above and below.
        (
            "hole",
            "".join(lines[:first]),
            "".join(lines[first:third]),
            "\n" + "".join(lines[third:]),
        ),
    )
    for name, above, typed, below in parts:
        for index, character in enumerate(typed):
            start = above + below if index == 0 else None
            yield _Key(f"{_URI}/{name}", start, len(above) + index, character)


def _type(editor: Editor, key: _Key, language_id: str) -> None:
    if key.before is not None:
        editor.open(key.uri, language_id, key.before)
    editor.replace(key.uri, key.offset, key.offset, key.character)


def _ask(editor: Editor, key: _Key, *into: _Timings) -> None:
    start = time.perf_counter()
    texts = editor.complete(key.uri, key.offset + 1)
    milliseconds = (time.perf_counter() - start) * 1000
    last = editor.status()["last"]
    for timings in into:
        timings.every.append(milliseconds)
        timings.shown += bool(texts)
        if last["hit"]:
            timings.hits.append(milliseconds)
        elif last["promptTokens"]:
            timings.model.append(last["milliseconds"]["engine"])
            timings.prompt_tokens += last["promptTokens"]
            timings.reused += last["reusedTokens"]


def _report(
    text: str, model: str, timings: _Timings, same: _Timings, without: _Timings
) -> dict[str, Any]:
    def summary(timings: _Timings) -> dict[str, Any]:
        return {
            "requests": len(timings.every),
            "p50_ms": round(statistics.median(timings.every), 3),
            "p95_ms": round(percentile(timings.every, 0.95), 3),
            "shown": timings.shown,
            "hits": len(timings.hits),
            "hits_p50_ms": round(percentile(timings.hits, 0.5), 3),
            "hits_p95_ms": round(percentile(timings.hits, 0.95), 3),
            "model_passes": len(timings.model),
            "model_p50_ms": round(percentile(timings.model, 0.5), 3),
            "model_p95_ms": round(percentile(timings.model, 0.95), 3),
            "prompt_tokens": timings.prompt_tokens,
            "reused_share": round(timings.reused / max(1, timings.prompt_tokens), 4),
        }

    ratio = percentile(without.every, 0.95) / percentile(same.every, 0.95)
    hits_p95 = percentile(timings.hits, 0.95)
    reused = timings.reused / max(1, timings.prompt_tokens)
    claims = [
        Claim("typed_through_p95_ms", hits_p95, 5, len(timings.hits), more_is_better=False),
        Claim("kv_reuse", reused, 0.95, len(timings.model)),
        Claim("p95_vs_no_caches", ratio, 5, len(without.every)),
    ]
    return {
        "benchmark": "keystroke",
        "machine": machine(),
        "model": model,
        "lines": text.count("\n"),
        "characters": len(text),
        "with_caches": summary(timings),
        "same_requests_with_caches": summary(same),
        "same_requests_without": summary(without),
        "claims": [claim.row() for claim in claims],
        "summary": [str(claim) for claim in claims],
    }


def _over(settings: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {**settings.get(key, {}), **over[key]} if key in over else settings[key]
        for key in {**settings, **over}
    }
