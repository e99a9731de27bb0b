"""Helix, as Debian's testing suite has it."""

from __future__ import annotations

from pathlib import Path

from tests.editors.ground.debian import TESTING, unpack
from tests.editors.ground.shelf import Editor, kept, ran


def helix() -> Editor:
    """Helix. Raises UnavailableError."""
    folder = kept(f"helix-{TESTING}", _unpack)
    environment = {"HELIX_RUNTIME": str(folder / "usr/lib/hx/runtime")}
    program = str(folder / "usr/lib/hx/hx")
    version = ran([program, "--version"], environment=environment).split()[1]
    return Editor("Helix", version, (program,), environment)


def _unpack(folder: Path) -> None:
    unpack(TESTING, ["hx"], folder, programs=["usr/lib/hx/hx"])
