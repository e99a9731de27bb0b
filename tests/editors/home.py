"""A user of one test: a home of their own, `polylsp` on their PATH, and a folder to work in."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.editors.waiting import until

ROOT = Path(__file__).parent.parent.parent
_KEPT = ("LANG", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")
_LOG, _PIDS = "polylsp.log", "polylsp.pids"
_READY = "ready in"  # The log says so of a model.
_LOOKS, _REST = (
    10,
    0.03,
)  # A server rests that worked so many seconds or less between so many looks.
_FOLDERS = {
    "HOME": ".",
    "XDG_CONFIG_HOME": ".config",
    "XDG_CACHE_HOME": ".cache",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_RUNTIME_DIR": "run",
}


@dataclass(frozen=True, slots=True)
class Home:
    """Nothing in it is the real user's; `environment` is all that an editor is started with."""

    folder: Path
    workspace: Path
    environment: Mapping[str, str]

    def log(self) -> str:
        """What the servers that were started here have logged."""
        file = self.folder / _LOG
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Wait until a server has loaded its model, and has nothing to do: it reads what is open beforehand.

        On a busy machine an answer would else come too late to be shown.
        """
        until(lambda: _READY in self.log(), "a server with its model", seconds=seconds)
        times = [self._worked()]

        def rests() -> bool:
            times.append(self._worked())
            return len(times) > _LOOKS and times[-1] - times[-1 - _LOOKS] < _REST

        until(rests, "a server that rests", seconds=seconds)

    def _worked(self) -> float:
        """Processor seconds of all servers that run here."""
        total = 0.0
        for pid in (self.folder / _PIDS).read_text("utf-8").split():
            with suppress(psutil.NoSuchProcess):
                times = psutil.Process(int(pid)).cpu_times()
                total += times.user + times.system
        return total

    def config(self, path: str, text: str) -> Path:
        """Write a file under `~/.config`, or a dotfile straight in the home folder."""
        where = self.folder if path.startswith(".") else self.folder / ".config"
        return _written(where / path, text)

    def file(self, path: str, text: str = "") -> Path:
        """Write a file to work on, with just these line ends."""
        return _written(self.workspace / path, text)


def home(folder: Path) -> Home:
    """A new home in `folder`: its `polylsp` is this checkout, run by this Python."""
    places = {name: folder / path for name, path in _FOLDERS.items()}
    workspace = folder / "work space"  # Users have such paths, too.
    for place in (*places.values(), workspace, folder / "bin"):
        place.mkdir(parents=True, exist_ok=True)
    places["XDG_RUNTIME_DIR"].chmod(0o700)
    start = (
        f"PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m polylsp"
        f' "$@" 2>>{shlex.quote(str(folder / _LOG))}'
    )
    note = f"echo $$ >>{shlex.quote(str(folder / _PIDS))}"
    _written(folder / "bin" / "polylsp", f"#!/bin/sh\n{note}\n{start}\n").chmod(0o755)
    environment = {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **{name: value for name, value in os.environ.items() if name.startswith("POLYLSP_")},
        **{name: str(place) for name, place in places.items()},
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }
    return Home(folder, workspace, environment)


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8"))
    return file
