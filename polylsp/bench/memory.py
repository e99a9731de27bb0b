"""What a model takes of memory: loaded, after a completion, at most; and several processes with one model.

Each is a process of its own that reads 512 tokens and generates 64. Resident memory counts shared pages in
every process, proportional memory (Linux) splits them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from polylsp.bench.builds import Build
from polylsp.bench.claims import Claim, machine
from polylsp.bench.worker import Worker
from polylsp.engine.load import default_threads

_PROMPT, _GENERATED = 512, 64  # Tokens; the second as `worker` has it.
_LIMIT = 6144  # Megabytes that the largest PolyCoder may take.


def measure(
    builds: Sequence[Build],
    *,
    model: str,
    context: int,
    processes: int = 1,
    threads: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The report. Raises ModelError where a model cannot be loaded."""
    rows = {}
    for build in builds:
        say(f"loading {build.name}")
        rows[build.name] = _measured(build, context, processes, threads or default_threads())
    claims = list(_claims(model, rows))
    return {
        "benchmark": "memory",
        "machine": machine(),
        "model": model,
        "processes": processes,
        "memory": rows,
        "claims": [claim.row() for claim in claims],
        "summary": [str(claim) for claim in claims],
    }


def _measured(build: Build, context: int, processes: int, threads: int) -> dict[str, Any]:
    with ExitStack() as stack:
        workers = []
        for _ in range(processes):
            workers.append(Worker(build, context, threads))
            stack.callback(workers[-1].quit)
        prompt = min(_PROMPT, int(workers[0].loaded["n_ctx"]) - _GENERATED)
        milliseconds = [worker.time("complete", prompt) for worker in workers]
        after = [worker.memory() for worker in workers]
        totals = {
            name: round(sum(row[name] for row in after), 1)
            for name in ("resident_mb", "proportional_mb")
            if name in after[0]
        }
        return {
            "load_ms": workers[0].loaded["load_ms"],
            "loaded_mb": workers[0].loaded.get("resident_mb"),
            "complete_ms": milliseconds[0],
            **after[0],
            "total": totals,
        }


def _claims(model: str, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Claim]:
    """Resident memory after a completion against what it may take, for the largest PolyCoder."""
    for name, row in rows.items():
        resident = max(row.get("resident_mb", 0), row["loaded_mb"] or 0)
        if resident and model == "2.7B":
            weights = name.partition(" ")[2].partition("-")[0]
            yield Claim(f"memory_{model}_{weights}", _LIMIT / resident, 1.0, 1, model=model)
