"""The whole of `polylsp eval infilling`: each model fills in every task's line, and a program decides.

Two ways: with what stands before the line alone, and with what stands behind it as well. A model that was never
taught to fill in the middle chooses among several lines of its own by what stands behind (`ranked`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from polylsp.bench.claims import machine
from polylsp.evals import intervals
from polylsp.evals.infilling.ranked import ranked
from polylsp.evals.infilling.sandbox import Sandbox
from polylsp.evals.infilling.tasks import Task
from polylsp.evals.kept import Kept, Row, stamp
from polylsp.evals.polyline.speaker import Around, Speaker
from polylsp.evals.polyline.ways import PREFIX, SUFFIX, Way
from polylsp.models.registry import load_model
from polylsp.types import Cursor, Snapshot

# What others have published, pass@1 and exact match: docs/evaluation.md says where.
ANCHORS = {
    "InCoder-6.7B, prefix alone": {"pass": 0.482, "exact": 0.387},
    "InCoder-6.7B": {"pass": 0.690, "exact": 0.563},
    "Mellum-4B": {"pass": 0.662},
    "CodeGemma-2B": {"pass": 0.784},
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How to go about it."""

    tasks: Sequence[Task]
    sandbox: Sandbox
    keep: Path | None = None
    say: Callable[[str], None] = lambda _: None

    def report(self, models: Sequence[str], source: str) -> dict[str, Any]:
        """All figures; `source` is where the tasks are from. Raises ModelError, BackendError and PolyError."""
        return {
            "benchmark": "eval infilling",
            "machine": machine(),
            "source": source,
            "tasks": len(self.tasks),
            "sandbox": self.sandbox.covers(),
            "models": dict(map(self._model, models)),
            "anchors": ANCHORS,
            "claims": [],
            "summary": [],
        }

    def _model(self, name: str) -> tuple[str, dict[str, Any]]:
        model = load_model(name, say=self.say)
        speaker = Speaker(model)
        rows = {way.name: self._way(speaker, way) for way in (PREFIX, SUFFIX)}
        return model.name, {"fills": model.layout.fills, **rows}

    def _way(self, speaker: Speaker, way: Way) -> dict[str, Any]:
        about = f"infilling {speaker.model.name} {way.name}"
        left = len(self.tasks)

        def fill(task: Task) -> Row:
            nonlocal left
            self.say(f"{speaker.model.name}, {way.name}: {left} tasks left")
            left -= 1
            line = _line(speaker, task, way)
            return [line, self.sandbox.passes(task.program(line))]

        tasks = {task.task_id: task for task in self.tasks}
        told = (stamp(speaker.model.folder), way, _told(self.tasks))
        rows = Kept(self.keep).rows(about, tasks, fill, told)
        passed = [float(rows[task.task_id][1]) for task in self.tasks]
        exact = [float(_same(rows[one.task_id][0], one.canonical_solution)) for one in self.tasks]
        # The lines of one function are alike, as places of one package are.
        functions = [task.entry_point for task in self.tasks]
        return {
            "pass": round(mean(passed), 4),
            "pass_interval": intervals.of_mean(passed, functions),
            "exact": round(mean(exact), 4),
            "exact_interval": intervals.of_mean(exact, functions),
        }


def _line(speaker: Speaker, task: Task, way: Way) -> str:
    if way is SUFFIX and not speaker.model.layout.fills:
        return ranked(speaker, cursor(task, PREFIX), task.suffix)
    return speaker.say(cursor(task, way), way, Around()).text


def cursor(task: Task, way: Way) -> Cursor:
    """Where the line is missing; what stands behind is there only where it may be seen."""
    text = task.prompt + ("\n" + task.suffix if way is SUFFIX else "")
    snapshot = Snapshot("humaneval:solution.py", 0, "python", text, "solution.py")
    return Cursor(snapshot, len(task.prompt))


def _same(line: str, solution: str) -> bool:
    return line.strip() == solution.strip()


def _told(tasks: Sequence[Task]) -> str:
    return hashlib.sha256(repr([(one.prompt, one.suffix) for one in tasks]).encode()).hexdigest()
