"""Our engines, llama.cpp and `transformers.generate` on the same weights, in turn.

Each runs in a process of its own with the same number of threads; in each round every case is put to every
engine, in another order each time, and the machine's read bandwidth is measured. Prompt lookup plays no part.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polylsp.bench.bandwidth import Bandwidth
from polylsp.bench.builds import Build
from polylsp.bench.claims import Claim, machine
from polylsp.bench.worker import ROOM, Worker
from polylsp.engine.load import default_threads
from polylsp.export import checkpoint

Medians = dict[str, dict[str, float]]  # Engine → case → milliseconds.


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many tokens the cases have before them."""

    prefill: tuple[int, ...] = (128, 512, 1024, 1900)
    decode: tuple[int, ...] = (128, 512, 1500)
    prefix: int = 1000  # Kept at a keystroke.

    def cases(self, context: int) -> list[tuple[str, int]]:
        """Those that fit; the longest prompt is read first, and serves those after it."""
        cases = [("prefill", size) for size in self.prefill]
        cases += [("decode", size) for size in reversed(self.decode)]
        cases += [("keystroke", self.prefix), ("replace", self.prefix)]
        return [(case, size) for case, size in cases if size + ROOM[case] <= context]


QUICK = Sizes(prefill=(16, 32), decode=(16,), prefix=24)


@dataclass(slots=True)
class _Found:
    """What was measured so far."""

    times: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    bandwidth: dict[str, list[float]] = field(default_factory=dict)

    def medians(self) -> Medians:
        return {
            name: {case: statistics.median(found) for case, found in cases.items()}
            for name, cases in self.times.items()
        }


def measure(
    source: Path,
    builds: Sequence[Build],
    *,
    model: str,
    sizes: Sizes,
    context: int,
    rounds: int,
    threads: int = 0,
    megabytes: int = 256,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report on `builds` of `source`; the first that is ours is what the others are compared with.

    Raises ModelError where one cannot be loaded, or dies.
    """
    threads = threads or default_threads()
    found = _Found()
    with ExitStack() as stack:
        bandwidth = Bandwidth(threads, megabytes << 20)
        stack.callback(bandwidth.close)
        workers = []
        for build in builds:
            say(f"loading {build.name}")
            workers.append(Worker(build, context, threads))
            stack.callback(workers[-1].quit)
        found.times = {build.name: {} for build in builds}
        cases = sizes.cases(min(worker.loaded["n_ctx"] for worker in workers))
        for turn in range(rounds + 1):  # The first warms up.
            say(f"round {turn} of {rounds}")
            _round(workers, cases, turn, found if turn else _Found())
            for name, rate in bandwidth.measure().items():
                found.bandwidth.setdefault(name, []).append(rate)
        memory = {
            worker.build.name: {"loaded": worker.loaded, **worker.memory()} for worker in workers
        }
    return _report(source, builds, model, found, memory, rounds, threads)


def _round(
    workers: Sequence[Worker], cases: Sequence[tuple[str, int]], turn: int, found: _Found
) -> None:
    for index, (case, size) in enumerate(cases):
        start = (turn + index) % len(workers)
        for worker in [*workers[start:], *workers[:start]]:
            times = found.times.setdefault(worker.build.name, {})
            times.setdefault(f"{case}@{size}", []).append(worker.time(case, size))


def _report(
    source: Path,
    builds: Sequence[Build],
    model: str,
    found: _Found,
    memory: Mapping[str, Any],
    rounds: int,
    threads: int,
) -> dict[str, Any]:
    medians = found.medians()
    rates = {name: statistics.median(of) for name, of in found.bandwidth.items()}
    ours = next((build for build in builds if build.ours), builds[0])
    share = bandwidth_share(source, ours, medians[ours.name], max(rates.values()))
    claims = [*compared(builds, medians, model, rounds, source.suffix == ".gguf")]
    if share:
        # No target: it tells how far there is to go.
        claims.append(Claim("decode_bandwidth_share", share, 0, rounds, model=model))
    return {
        "benchmark": "engine",
        "machine": {**machine(), "threads": threads},
        "model": model,
        "rounds": rounds,
        "ours": ours.name,
        "bandwidth_gb_per_s": rates,
        "ratios": ratios(medians, ours.name),
        "medians_ms": medians,
        "rounds_ms": found.times,
        "memory": dict(memory),
        "claims": [claim.row() for claim in claims],
        "summary": [str(claim) for claim in claims],
    }


def ratios(medians: Medians, ours: str) -> Medians:
    """How many times as long as ours each engine takes."""
    return {
        name: {case: round(ms / medians[ours][case], 3) for case, ms in cases.items()}
        for name, cases in medians.items()
    }


def compared(
    builds: Sequence[Build], medians: Medians, model: str, rounds: int, from_gguf: bool
) -> Iterator[Claim]:
    """What ours, the first of them, promises of those that were measured beside it."""
    ours = next((build for build in builds if build.ours), None)
    if ours is None:
        return
    for claim, case, target, engine in _promised(model, from_gguf):
        same = [
            medians[build.name][case]
            for build in builds
            if build.engine == engine
            and case in medians[build.name]
            and (engine != "llama" or from_gguf or build.bits == ours.bits)
        ]
        if same:
            value = min(same) / medians[ours.name][case]
            yield Claim(claim, value, target, rounds, model=model)


def _promised(model: str, from_gguf: bool) -> list[tuple[str, str, float, str]]:
    """Claim, case, target, and the engine that is compared with."""
    transformers = ("keystroke_vs_transformers", "keystroke@1000", 4.0, "transformers")
    if from_gguf:
        of = "smollm2" if "smollm2" in model.lower() else "gguf"
        return [(f"{of}_keystroke_vs_llamacpp", "keystroke@1000", 1.2, "llama"), transformers]
    return [
        ("keystroke_vs_llamacpp", "keystroke@1000", 1.3, "llama"),
        transformers,
        ("decode_vs_llamacpp", "decode@512", 1.3, "llama"),
        ("prefill_vs_llamacpp", "prefill@1024", 1.5, "llama"),
    ]


def bandwidth_share(
    source: Path, build: Build, medians: Mapping[str, float], gigabytes: float
) -> float:
    """How much of the time of a token, at 512 or nearest to it, reading the matrices alone would take."""
    decode = [case for case in medians if case.startswith("decode@")]
    if not decode or not gigabytes:
        return 0.0
    case = min(decode, key=lambda case: abs(int(case.partition("@")[2]) - 512))
    return matrix_bytes(source, build) / (gigabytes * 1e9) / (medians[case] / 1000)


def matrix_bytes(source: Path, build: Build) -> float:
    """What a token's pass reads: every matrix once, the embedding only where it is the head."""
    model = checkpoint.load(source)
    values = model.shape.vocab * model.shape.hidden
    for name in ("qkv", "out", "gate", "up", "down"):
        rows, columns = (*(model.size(f"0.{name}.weight") or (0, 0)), 0)[:2]
        values += model.shape.layers * rows * columns
    block = int(build.name.rpartition("-b")[2]) if "-b" in build.name else 32
    return values * (build.bits / 8 + (4 / block if build.bits <= 8 else 0))
