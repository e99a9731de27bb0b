"""Who runs the tasks of a stage: this machine's processors, or a cluster. datatrove's executors, all of them.

Stages depend on each other; a task that has ended is not run again, so whatever was interrupted goes on.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import multiprocess
from datatrove.executor import (
    LocalPipelineExecutor,
    RayPipelineExecutor,
    SlurmPipelineExecutor,
)
from loguru import logger

from polylsp.errors import PolyError

_WATCH = "the build that this works for"


@dataclass(frozen=True, slots=True)
class Stage:
    """Some tasks that may all run at once."""

    name: str
    pipeline: Sequence[Any]
    tasks: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where tasks are sent: `slurm` or `ray`, and what it wants to know of a job."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


class _Here(LocalPipelineExecutor):  # type: ignore[misc]
    """What a task says goes to its file in `logs`, not to the terminal: there progress is shown."""

    def _run_for_rank(self, rank: int, local_rank: int = 0, node_rank: int = -1) -> Any:
        _end_with_parent()
        with contextlib.redirect_stderr(io.StringIO()):
            return super()._run_for_rank(rank, local_rank, node_rank)


def run_here(stage: Stage, logs: Path, workers: int) -> None:
    """Run what is left of a stage, `workers` tasks at a time. What a task raises is raised here."""
    logger.remove()  # What the executor itself says is said by the progress.
    _Here(
        list(stage.pipeline),
        tasks=stage.tasks,
        workers=min(workers, stage.tasks),
        logging_dir=str(logs / stage.name),
        start_method=_start_method(),
    ).run()


def submit(stages: Sequence[Stage], logs: Path, workers: int, cluster: Cluster) -> list[Any]:
    """Hand all stages to a cluster, each to begin when the one before has ended. Raises PolyError."""
    executors: list[Any] = []
    make = {"slurm": _slurm, "ray": _ray}[cluster.kind]
    for stage in stages:
        before = executors[-1] if executors else None
        executors.append(make(stage, logs, workers, before, dict(cluster.options)))
    try:
        executors[-1].run()
    except (ImportError, OSError, TypeError) as error:
        raise PolyError(f"{cluster.kind} does not take the tasks: {error}") from error
    return executors


def ended(logs: Path, stage: str) -> set[int]:
    """The tasks of a stage that need not run again."""
    return {int(one.name) for one in (logs / stage / "completions").glob("[0-9]*")}


def forget(logs: Path, stage: str, task: int | None = None) -> None:
    """Have one task of a stage, or all of them, run again."""
    for one in ended(logs, stage) if task is None else {task}:
        (logs / stage / "completions" / f"{one:05}").unlink(missing_ok=True)


def _slurm(stage: Stage, logs: Path, workers: int, before: Any, options: dict[str, Any]) -> Any:
    missing = {"time", "partition"} - set(options)
    if missing:
        asked = " ".join(f"--option {one}=…" for one in sorted(missing))
        raise PolyError(f"Slurm wants to know more: {asked}")
    return SlurmPipelineExecutor(
        list(stage.pipeline),
        tasks=stage.tasks,
        workers=workers,
        job_name=f"polylsp-corpus-{stage.name}",
        logging_dir=str(logs / stage.name),
        depends=before,
        **options,
    )


def _ray(stage: Stage, logs: Path, workers: int, before: Any, options: dict[str, Any]) -> Any:
    return RayPipelineExecutor(
        list(stage.pipeline),
        tasks=stage.tasks,
        workers=workers,
        logging_dir=str(logs / stage.name),
        depends=before,
        **options,
    )


def _end_with_parent() -> None:
    """Have a worker end when the build is killed: it would go on with tasks that the next build does anew."""
    parent = multiprocess.parent_process()
    if parent is None or any(one.name == _WATCH for one in threading.enumerate()):
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name=_WATCH, daemon=True).start()


def _start_method() -> str:
    """Forks of a process with threads are unsafe; Windows has no server to fork from."""
    known = multiprocess.get_all_start_methods()
    return "forkserver" if "forkserver" in known else "spawn"
