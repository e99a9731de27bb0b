"""The terminal that editors draw into."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.editors.ground.debian import STABLE, unpack
from tests.editors.ground.shelf import Editor, kept, ran


def tmux() -> Editor:
    """tmux: the machine's own, or Debian's. Raises UnavailableError."""
    found = shutil.which("tmux")
    if found is None:
        found = str(kept(f"tmux-{STABLE}", _unpack) / "usr/bin/tmux")
    return Editor("tmux", ran([found, "-V"]).split()[1], (found,))


def _unpack(folder: Path) -> None:
    unpack(STABLE, ["tmux"], folder, programs=["usr/bin/tmux"])
