"""What must not be learnt, as numbers: runs of ten words of benchmarks, bands of files that are held out.

Nothing of a text can be read from them, so they are kept in the package, and a corpus is clean without the texts
being at hand. Others are made of files that a recipe names.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import IO

import numpy as np

from polylsp.corpus.likeness.shingles import (
    SHINGLE,
    Numbers,
    bands,
    runs,
    short,
    signature,
    words,
    words_and_names,
)
from polylsp.errors import PolyError

RUN = 10  # Words, as others have chosen (DeepSeek-Coder).
FEWEST_RUNS = 3  # In one file: a single run may be a common phrase.
SHIPPED = ("humaneval", "held-out")
# Fields of a benchmark's tasks that hold no task.
_BESIDE = frozenset(
    {"task_id", "test", "c_test", "example_test", "test_setup", "import", "name", "entry_point"}
)
# What stands at the top of every program says nothing of a task.
_COMMON = re.compile(r"(?m)^\s*(?:import|from|using|package|use|#\s*include|#\s*define)\b.*$")


@dataclass(frozen=True, slots=True)
class Guard:
    """Knows what it has seen when it sees it again."""

    runs: Numbers  # Ascending; of benchmarks.
    bands: Numbers  # Ascending; of files that are held out.

    def knows_task(self, names: Numbers) -> bool:
        """Whether a text with these names in a row holds a good part of a benchmark's task."""
        return _common(short(runs(names, RUN)), self.runs) >= FEWEST_RUNS

    def knows_file(self, found: Numbers) -> bool:
        """Whether a text with these bands is nearly one that is held out."""
        return _common(found, self.bands) > 0


def load(names: Iterable[str]) -> Guard:
    """All of these as one: shipped ones by name, others as files of this kind or benchmarks of JSON lines.

    Raises PolyError where one is none of these.
    """
    guards = [_load(one) for one in names]
    return Guard(
        np.unique(np.concatenate([np.empty(0, np.uint64), *(one.runs for one in guards)])),
        np.unique(np.concatenate([np.empty(0, np.uint64), *(one.bands for one in guards)])),
    )


def of_tasks(texts: Iterable[str]) -> Guard:
    found = [short(runs(words_and_names(_COMMON.sub("", one))[1], RUN)) for one in texts]
    return Guard(
        np.unique(np.concatenate([np.empty(0, np.uint64), *found])), np.empty(0, np.uint64)
    )


def of_files(texts: Iterable[str]) -> Guard:
    shingles = (runs(words(one), SHINGLE) for one in texts)
    found = [bands(signature(one)).ravel() for one in shingles if len(one)]
    return Guard(
        np.empty(0, np.uint64), np.unique(np.concatenate([np.empty(0, np.uint64), *found]))
    )


def write(guard: Guard, file: Path) -> None:
    """Raises PolyError where it cannot be written."""
    try:
        with file.open("wb") as opened:
            np.savez_compressed(opened, runs=_bytes(guard.runs), bands=_bytes(guard.bands))
    except OSError as error:
        raise PolyError(f"{file} cannot be written: {error}") from error


def tasks(file: Path) -> Iterator[str]:
    """The texts of a benchmark: JSON lines, perhaps compressed. Raises PolyError."""
    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8")
        for line in filter(str.strip, text.split("\n")):
            task = json.loads(line)
            # A prompt and its solution are one text: a run of words may begin in the one.
            said = (value for name, value in task.items() if name not in _BESIDE)
            yield "\n".join(value for value in said if isinstance(value, str))
    except (OSError, ValueError, AttributeError) as error:
        raise PolyError(f"{file} cannot be read as a benchmark in JSON lines: {error}") from error


def _load(name: str) -> Guard:
    if name in SHIPPED:
        kept = resources.files("polylsp.corpus") / "guards" / f"{name}.npz"
        with kept.open("rb") as opened:
            return _read(opened)
    file = Path(name)
    if not file.is_file():
        raise PolyError(f"{name}: no file, and none of what polylsp knows: {', '.join(SHIPPED)}")
    if file.suffix == ".npz":
        with file.open("rb") as opened:
            return _read(opened)
    return of_tasks(tasks(file))


def _read(opened: IO[bytes]) -> Guard:
    try:
        with np.load(opened, allow_pickle=False) as kept:
            return Guard(_numbers(kept["runs"]), _numbers(kept["bands"]))
    except (OSError, ValueError, KeyError) as error:
        raise PolyError(f"this holds no numbers of what is to be kept out: {error}") from error


def _bytes(numbers: Numbers) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Five bytes a number, those of a place side by side: they are ascending, so they compress. # [N] → [5, N]"""
    wide = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
    return np.ascontiguousarray(wide[:, 3:].T)


def _numbers(narrow: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Numbers:
    wide = np.zeros((narrow.shape[1], 8), np.uint8)
    wide[:, 3:] = narrow.T
    return wide.view(">u8").ravel().astype(np.uint64)


def _common(some: Numbers, known: Numbers) -> int:
    """How many of `some` are among those `known`, which ascend."""
    if not len(known):
        return 0
    at = np.minimum(np.searchsorted(known, some), len(known) - 1)
    return int(np.count_nonzero(known[at] == some))
