"""Run programs that a model wrote a line of, with limits. No wall: for models that mean no harm, but err.

Covered: time; memory, file size and processor time where the system has limits (not on Windows); an empty folder
of its own, and an environment without the user's variables; no network, and nothing left running, where Linux lets
users have namespaces. Not covered: it may read what the user may read, and write where the user may.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

SECONDS = 5.0
_MEGABYTES = 1024
_UNSHARE = ("--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")
# Only what runs to its end writes the word: to leave early is no success.
_RUNNER = """\
import sys
word, program, verdict, seconds, size = sys.argv[1:]
sys.argv[1:] = []
try:
    import resource
    bytes_ = int(size) << 20
    for limit, most in (
        ("RLIMIT_AS", bytes_), ("RLIMIT_CPU", int(float(seconds)) + 1),
        ("RLIMIT_FSIZE", 1 << 24), ("RLIMIT_CORE", 0),
    ):
        resource.setrlimit(getattr(resource, limit), (most, most))
except (ImportError, OSError, ValueError):
    pass
with open(program, encoding="utf-8") as opened:
    source = opened.read()
exec(compile(source, "program.py", "exec"), {"__name__": "__main__"})
with open(verdict, "w", encoding="utf-8") as opened:
    opened.write(word)
"""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a program may take."""

    seconds: float = SECONDS
    megabytes: int = _MEGABYTES

    def passes(self, program: str) -> bool:
        """Whether `program` runs to its end without an error, in time."""
        with tempfile.TemporaryDirectory(prefix="polylsp-", ignore_cleanup_errors=True) as folder:
            return self._passes(program, Path(folder))

    def covers(self) -> dict[str, bool]:
        """What is limited on this machine, for the report."""
        limits = os.name == "posix"
        return {"time": True, "memory": limits, "network": bool(_apart()), "files": False}

    def _passes(self, program: str, folder: Path) -> bool:
        # The runner's own files lie beside the folder that the program finds itself in.
        inside = folder / "work"
        inside.mkdir()
        runner, source, verdict = folder / "runner", folder / "program", folder / "verdict"
        runner.write_text(_RUNNER, encoding="utf-8")
        source.write_text(program, encoding="utf-8", errors="replace")
        word = secrets.token_hex(16)
        command = [*_apart(), sys.executable, "-I", "-X", "utf8", str(runner), word]
        command += [str(source), str(verdict), str(self.seconds), str(self.megabytes)]
        self._run(command, inside)
        return verdict.is_file() and verdict.read_text(encoding="utf-8") == word

    def _run(self, command: list[str], folder: Path) -> None:
        started = subprocess.Popen(  # noqa: S603
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            started.wait(self.seconds)
        except subprocess.TimeoutExpired:
            _end(started)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With everything that it has started."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.kill()
    for one in family:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def _environment(folder: Path) -> dict[str, str]:
    needed = ("SYSTEMROOT", "PATH")  # Without the first, Python does not start on Windows.
    return {name: os.environ[name] for name in needed if name in os.environ} | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "TEMP": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@cache
def _apart() -> tuple[str, ...]:
    """What a command is run by to have no network, where that can be."""
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    if unshare is None:
        return ()
    tried = subprocess.run(  # noqa: S603
        [unshare, *_UNSHARE, sys.executable, "-c", ""], capture_output=True, check=False
    )
    return () if tried.returncode else (unshare, *_UNSHARE)
