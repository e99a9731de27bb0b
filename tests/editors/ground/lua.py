"""What checks Lua: stylua, as npm has it for every system, and luacheck from Debian."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.editors.ground.debian import STABLE, unpack
from tests.editors.ground.shelf import Editor, kept, ran
from tests.editors.ground.vscode import vscode

_STYLUA = "2.5.2"


def stylua() -> tuple[str, Path]:
    """Node, and the folder that npm has put it into. Raises UnavailableError."""
    return _node()[0], kept(f"stylua-{_STYLUA}", _install)


def luacheck() -> Editor:
    """The machine's own, or Debian's. Raises UnavailableError."""
    found = shutil.which("luacheck")
    if found is not None:
        return Editor("luacheck", "", (found,))
    folder = kept(f"luacheck-{STABLE}", _unpack)
    libraries = next(folder.glob("usr/lib/*-linux-gnu"))
    environment = {
        "LUA_PATH": f"{folder}/usr/share/lua/5.1/?.lua;{folder}/usr/share/lua/5.1/?/init.lua;;",
        "LUA_CPATH": f"{libraries}/lua/5.1/?.so;;",
    }
    program = str(folder / "usr/bin/luacheck")
    return Editor("luacheck", "", (str(folder / "usr/bin/lua5.1"), program), environment)


def _node() -> tuple[str, list[str]]:
    """Node and npm: the machine's own, or those of VS Code's tests."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, [npm]
    program = vscode().node
    script = program.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    return str(program), [str(program), str(script)]


def _install(folder: Path) -> None:
    (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    ran([*_node()[1], "install", *quiet, f"@johnnymorganz/stylua@{_STYLUA}"], folder=folder)


def _unpack(folder: Path) -> None:
    unpack(STABLE, ["lua-check", "lua5.1"], folder, programs=["usr/bin/lua5.1"])
