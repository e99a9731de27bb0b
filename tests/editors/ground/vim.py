"""Vim with ALE, as Debian's stable suite has them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.editors.ground.debian import STABLE, unpack
from tests.editors.ground.shelf import Editor, kept, ran


def vim() -> Editor:
    """Vim; `ale()` is for its 'runtimepath'. Raises UnavailableError."""
    folder = _folder()
    environment = {"VIMRUNTIME": str(next(folder.glob("usr/share/vim/vim[0-9]*")))}
    program = str(folder / "usr/bin/vim.basic")
    said = ran([program, "--version"], environment=environment)
    version = re.search(r"Vi IMproved (\d+\.\d+).*?patches: 1-(\d+)", said, re.DOTALL)
    assert version is not None, said
    return Editor("Vim", f"{version[1]}.{version[2]}", (program,), environment)


def ale() -> Path:
    """The folder of ALE."""
    return _folder() / "usr/share/vim-ale"


def _folder() -> Path:
    return kept(f"vim-{STABLE}", _unpack)


def _unpack(folder: Path) -> None:
    unpack(STABLE, ["vim", "vim-ale"], folder, programs=["usr/bin/vim.basic"])
