"""One engine in a process of its own, so that its memory and its threads are its own.

`Worker` is that process seen from outside: lines of JSON go in and out. Between two questions it computes
nothing.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import numpy as np

from polylsp.bench.builds import Build
from polylsp.bench.process import Answer, Process, run
from polylsp.bench.rivals import Rival, start

_DECODED = 32  # Tokens.
_APPENDED, _COMPLETED = 4, 16  # Tokens at a keystroke.
_REPLACED = 10
# How many tokens a case may read beyond its size.
ROOM = {
    "prefill": 0,
    "decode": _DECODED - 1,
    "keystroke": _APPENDED + _COMPLETED,
    "replace": _REPLACED,
}


class Worker:
    """The process, which has loaded `build` already."""

    def __init__(self, build: Build, context: int, threads: int) -> None:
        """Raises ModelError where the engine cannot load it."""
        self.build = build
        self._process = Process("polylsp.bench.worker", build.name)
        given = {"build": asdict(build), "context": context, "threads": threads}
        self.loaded = self._process.ask(given)

    def time(self, case: str, size: int) -> float:
        """Milliseconds that `case` takes at that many tokens."""
        return float(self._process.ask({"case": case, "size": size})["ms"])

    def memory(self) -> dict[str, float]:
        """Megabytes: resident, peak, and proportional (shared pages split); only what the system tells."""
        answer = self._process.ask({"case": "memory"})
        return {name: float(value) for name, value in answer.items()}

    def quit(self) -> None:
        self._process.quit()


def serve(lines: TextIO, answer: Answer) -> None:
    """Load what the first line says, then measure what each further one asks for."""
    given = json.loads(lines.readline())
    started = time.perf_counter()
    rival = start(Build(**given["build"]), given["context"], given["threads"])
    loaded = {"load_ms": (time.perf_counter() - started) * 1000, **memory()}
    stopwatch = _Stopwatch(rival)
    answer({"n_vocab": rival.n_vocab, "n_ctx": rival.n_ctx, **loaded})
    for line in lines:
        asked = json.loads(line)
        if asked["case"] == "memory":
            answer(memory())
        else:
            answer({"ms": stopwatch.time(asked["case"], asked["size"])})


class _Stopwatch:
    """What a case does. Its tokens are always the same random ones: what one case read serves the next."""

    def __init__(self, rival: Rival) -> None:
        self._rival = rival
        self._known = 0  # How many of the tokens the rival has read, with nothing else between.
        random = np.random.default_rng(0)
        self._ids = random.integers(0, rival.n_vocab, rival.n_ctx).tolist()

    def time(self, case: str, size: int) -> float:
        if case == "prefill":
            return self._timed(0, self._ids[:size], 0)
        if case == "decode":
            self._hold(size - 1)
            return self._timed(size - 1, self._ids[size - 1 : size], _DECODED - 1) / _DECODED
        if case == "keystroke":
            self._hold(size)
            return self._timed(size, self._ids[size : size + _APPENDED], _COMPLETED)
        if case == "replace":
            self._hold(size + _REPLACED)
            return self._timed(size, self._ids[:_REPLACED], 0)
        if case == "complete":
            return self._timed(0, self._ids[:size], 64)
        raise ValueError(f"no case {case!r}")

    def _hold(self, size: int) -> None:
        """Have read that many tokens, and nothing else."""
        keep = min(self._known, size)
        self._rival.keep(keep)
        if keep < size:
            self._rival.go_on(self._ids[keep:size], 0)
        self._known = size

    def _timed(self, keep: int, token_ids: list[int], more: int) -> float:
        started = time.perf_counter()
        self._rival.keep(keep)
        self._rival.go_on(token_ids, more)
        milliseconds = (time.perf_counter() - started) * 1000
        read = keep + len(token_ids)
        self._known = read if token_ids == self._ids[keep:read] else keep
        return milliseconds


def memory() -> dict[str, float]:
    """Megabytes of this process, as far as the system tells."""
    fields = {"VmRSS:": "resident_mb", "VmHWM:": "peak_mb", "Pss:": "proportional_mb"}
    found = {}
    for file in ("status", "smaps_rollup"):
        try:
            lines = (Path("/proc/self") / file).read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        for words in map(str.split, lines):
            if words and words[0] in fields:
                found[fields[words[0]]] = round(int(words[1]) / 1024, 1)
    return found


if __name__ == "__main__":
    run(serve)
