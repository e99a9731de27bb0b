"""Build a corpus from a recipe: four stages of tasks, each task done once, whatever happens in between.

What is there of an interrupted build is gone on with; what could not be had is asked for again.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from polylsp.corpus import order, report, store
from polylsp.corpus.executors import Cluster, Stage, ended, forget, run_here, submit
from polylsp.corpus.files.language import TWELVE
from polylsp.corpus.likeness import guard
from polylsp.corpus.recipe import Recipe
from polylsp.errors import PolyError

_EVERY = 1.0  # Seconds between two looks at how far it has come.
RECIPE, WORK = "recipe.toml", "work"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is built, where, and by how many."""

    recipe: Recipe
    out: Path
    workers: int = 2
    shelf: Path | None = None  # Where packages are kept; None for where they always are.
    keep_work: bool = False

    @property
    def work(self) -> Path:
        return self.out / WORK

    @property
    def logs(self) -> Path:
        return self.work / "logs"


def build(plan: Plan, say: Callable[[str], None] = lambda _: None) -> bool:
    """Build here; False where the corpus was whole already. Raises PolyError."""
    _begin(plan)
    if (plan.out / report.REPORT).is_file():
        return False
    with _alone(plan):
        stages = stages_of(plan)
        ask_again(plan, stages)
        for stage in stages:
            with _progress(plan, stage, say):
                run_here(stage, plan.logs, plan.workers)
        if len(store.missing(plan.work)) == len(plan.recipe.sources):
            raise PolyError(f"none of the sources could be had: {_first_missing(plan)}")
    if not plan.keep_work:
        shutil.rmtree(plan.work, ignore_errors=True)
    return True


def send(plan: Plan, cluster: Cluster) -> list[Any]:
    """Hand the same stages to a cluster, whose machines must all see the same folders. Raises PolyError."""
    _begin(plan)
    stages = stages_of(plan)
    ask_again(plan, stages)
    return submit(stages, plan.logs, plan.workers, cluster)


def stages_of(plan: Plan) -> list[Stage]:
    """What runs one after the other; within a stage, tasks are independent."""
    # Imported here: these need datatrove, a recipe alone does not.
    from polylsp.corpus.steps.files import Keep, Read, Through
    from polylsp.corpus.steps.whole import Finish, Twins, Write

    recipe, out, work = plan.recipe, plan.out, plan.work
    through = [Through(name) for name in order.ALONE]
    each = [Read(recipe, work, plan.shelf), *through, Keep(recipe, work)]
    return [
        Stage("sources", each, len(recipe.sources)),
        Stage("duplicates", [Twins(recipe, work)], 1),
        Stage("text", [Write(recipe, out, work)], len(TWELVE)),
        Stage("report", [Finish(recipe, out, work)], 1),
    ]


def _begin(plan: Plan) -> None:
    """Make the folder, with the recipe in it. Raises PolyError where it has another one, or a name is unknown."""
    guard.load(plan.recipe.guards)
    kept = plan.out / RECIPE
    try:
        plan.work.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            store.replace(kept, plan.recipe.text.encode("utf-8"))
        if kept.read_bytes() != plan.recipe.text.encode("utf-8"):
            raise PolyError(f"{plan.out} holds a corpus of another recipe: choose another folder")
    except OSError as error:
        raise PolyError(f"{plan.out} cannot be written: {error}") from error


@contextmanager
def _alone(plan: Plan) -> Iterator[None]:
    try:
        with FileLock(plan.work / "lock", timeout=0):
            yield
    except Timeout as error:
        raise PolyError(f"{plan.out} is being built by another process: wait for it") from error


def ask_again(plan: Plan, stages: Sequence[Stage]) -> None:
    """Have tasks run whose source was missing; and behind any that is to run, all later stages."""
    for rank in store.missing(plan.work):
        forget(plan.logs, stages[0].name, rank)
    whole = True
    for stage in stages:
        if not whole:
            forget(plan.logs, stage.name)
        whole = whole and len(ended(plan.logs, stage.name)) == stage.tasks


@contextmanager
def _progress(plan: Plan, stage: Stage, say: Callable[[str], None]) -> Iterator[None]:
    """Tell how many tasks have ended while the block runs."""
    over = threading.Event()
    since = time.monotonic()

    def tell() -> None:
        number = len(ended(plan.logs, stage.name))
        seconds = time.monotonic() - since
        say(f"{stage.name}: {number} of {stage.tasks}, {seconds / 60:.1f} min")

    def watch() -> None:
        while not over.wait(_EVERY):
            tell()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        tell()


def _first_missing(plan: Plan) -> str:
    rank, why = min(store.missing(plan.work).items())
    return f"{plan.recipe.sources[rank].package}: {why}"
