"""The tasks, from a file or fetched by name: a function without one of its lines, and a test of it.

HumanEval's infilling sets (Bavarian et al. 2022, MIT): 1,033 tasks, each a prompt, a suffix, the line between
them, and a function that checks the whole.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError
from polylsp.sources.find import shelf

_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Published:
    """Where a set can be had, and what it must be."""

    repository: str
    file: str
    sha256: str


NAMES = {
    "humaneval-single-line": Published(
        "https://github.com/openai/human-eval-infilling",
        "data/HumanEval-SingleLineInfilling.jsonl.gz",
        "1277073e7ddce163ef68598c2bca777f688a53df99422f097e37362090f88e1f",
    )
}


@dataclass(frozen=True, slots=True)
class Task:
    """One of them."""

    task_id: str
    entry_point: str
    prompt: str
    suffix: str
    canonical_solution: str
    test: str

    def program(self, line: str) -> str:
        """What shows whether `line` will do: it ends without an error then."""
        whole = self.prompt + line + "\n" + self.suffix
        return f"{whole}\n{self.test}\ncheck({self.entry_point})\n"


def load(asked: str, say: Callable[[str], None] = lambda _: None) -> list[Task]:
    """The tasks of a `.jsonl` or `.jsonl.gz` file, or of a published set by its name. Raises PolyError."""
    file = _fetched(NAMES[asked], say) if asked in NAMES else Path(asked)
    try:
        data = file.read_bytes()
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
        tasks = [_task(json.loads(line)) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        known = ", ".join(NAMES)
        raise PolyError(
            f"{asked} holds no tasks ({error}): give a .jsonl file of HumanEval's infilling, or {known}"
        ) from error
    if not tasks:
        raise PolyError(f"{asked} holds no tasks")
    return tasks


def _task(told: dict[str, Any]) -> Task:
    return Task(**{field.name: str(told[field.name]) for field in fields(Task)})


def _fetched(published: Published, say: Callable[[str], None]) -> Path:
    """The file, fetched by git where it is not yet. Raises PolyError."""
    place = shelf() / published.sha256[:16] / Path(published.file).name
    if not place.is_file():
        git = shutil.which("git")
        if git is None:
            raise PolyError("the set is fetched by git, which is not on the PATH: give a file")
        say(f"fetching {published.repository}")
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            _clone(git, published.repository, Path(folder) / "clone")
            found = Path(folder) / "clone" / published.file
            if not found.is_file() or _sha256(found) != published.sha256:
                raise PolyError(f"{published.repository} no longer has that set: give a file")
            found.replace(place)
    return place


def _clone(git: str, repository: str, folder: Path) -> None:
    try:
        subprocess.run(  # noqa: S603
            [git, "clone", "--quiet", "--depth", "1", repository, str(folder)],
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PolyError(f"{repository} cannot be fetched ({error}): give a file") from error


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
