"""Vim with ALE, as Debian's stable suite has them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.editors.ground.debian import STABLE, unpack
from tests.editors.ground.shelf import Editor, kept, ran


def vim() -> Editor:
    """Vim; ALE lies in `packpath` of it. Raises UnavailableError."""
    folder = kept(f"vim-{STABLE}", _unpack)
    runtime = next(folder.glob("usr/share/vim/vim[0-9]*"))
    environment = {"VIMRUNTIME": str(runtime)}
    program = folder / "usr/bin/vim.nox"
    said = ran([program, "--version"], environment=environment)
    version = re.search(r"Vi IMproved (\d+\.\d+)", said)
    assert version is not None, said
    return Editor("Vim", version[1], (str(program),), environment)


def _unpack(folder: Path) -> None:
    unpack(STABLE, ["vim-nox", "vim-ale"], folder, programs=["usr/bin/vim*"])
