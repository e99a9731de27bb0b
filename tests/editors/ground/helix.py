"""Helix, as Debian's testing suite has it."""

from __future__ import annotations

from pathlib import Path

from tests.editors.ground.debian import TESTING, unpack
from tests.editors.ground.shelf import Editor, kept, ran


def helix() -> Editor:
    """Helix. Raises UnavailableError."""
    folder = kept(f"helix-{TESTING}", _unpack)
    program = str(
        next(one for one in (*folder.glob("usr/bin/hx"), *folder.glob("usr/lib/helix/hx")))
    )
    environment = {"HELIX_RUNTIME": str(folder / "usr/lib/helix/runtime")}
    version = ran([program, "--version"], environment=environment).split()[1]
    return Editor("Helix", version, (program,), environment)


def _unpack(folder: Path) -> None:
    unpack(TESTING, ["hx"], folder, programs=["usr/bin/hx", "usr/lib/helix/hx"])
