"""Other processes of polylsp that keep their things where this one does."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import psutil

_WRITERS = {"lsp", "demo", "index", "models", "export", "bench", "eval", "corpus"}
# What decides where things are kept.
_VARIABLES = (
    *("POLYLSP_MODELS", "POLYLSP_INDEX", "POLYLSP_STATISTICS", "HOME", "USERPROFILE"),
    *("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "LOCALAPPDATA"),
)


def running() -> list[int]:
    """Their process ids, of this user's only."""
    own = psutil.Process()
    places = _places(os.environ)
    return sorted(
        process.pid
        for process in psutil.process_iter(["cmdline", "username"])
        if process.pid != own.pid
        and process.info["username"] == own.username()
        and writes(process.info["cmdline"] or ())
        and _at(process, places)
    )


def writes(command: Sequence[str]) -> bool:
    """Whether a command line is one of polylsp's that write."""
    for place, word in enumerate(command):
        if PurePath(word.replace("\\", "/")).name in ("polylsp", "polylsp.exe"):
            rest = (one for one in command[place + 1 :] if not one.startswith("-"))
            return next(rest, "") in _WRITERS
    return False


def _at(process: psutil.Process, places: Mapping[str, str | None]) -> bool:
    try:
        return _places(process.environ()) == places
    except (psutil.Error, OSError):
        return process.is_running()


def _places(variables: Mapping[str, str]) -> dict[str, str | None]:
    return {name: variables.get(name) for name in _VARIABLES}
