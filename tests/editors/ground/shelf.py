"""Where the editors are kept: `POLYLSP_EDITORS`, or a folder in the user's cache.

Each has a folder; to have a newer one of those that cannot be pinned, delete it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
from filelock import FileLock

_DONE = ".done"
_PATIENCE = 1200  # Seconds that another run may take to set the same editor up.


class UnavailableError(Exception):
    """An editor cannot be had on this machine; says why."""


@dataclass(frozen=True, slots=True)
class Editor:
    """An editor that was set up, and how it is started."""

    name: str
    version: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def shelf() -> Path:
    """The folder that holds all of them."""
    chosen = os.environ.get("POLYLSP_EDITORS")
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("polylsp-editors")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.absolute()


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, filled by `make` if no run has done that before.

    `name` says what is in it, versions included: another version is another folder. Raises UnavailableError.
    """
    folder = shelf() / name
    with FileLock(shelf() / f"{name}.lock", timeout=_PATIENCE):
        if not (folder / _DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / _DONE).touch()
    return folder


def ran(
    command: Sequence[str | Path],
    *,
    seconds: float = 600,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What a command prints. Raises UnavailableError with its last words."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{words[0]}: {error}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-400:]
        raise UnavailableError(f"{' '.join(words)[:200]}: exit code {done.returncode}: {said}")
    return done.stdout


def install_wheel(requirement: str, folder: Path) -> None:
    """Have what is in a wheel in `folder`. Raises UnavailableError."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
    ran([*pip, requirement])
