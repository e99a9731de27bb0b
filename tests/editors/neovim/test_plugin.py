"""The plug-in's files: formatted, linted, and described as they are."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from polylsp import __version__
from tests.editors.conftest import needed
from tests.editors.ground import lua
from tests.editors.neovim.conftest import editor
from tests.editors.neovim.driver import PLUGIN

GENERATED = ("doc/polylsp.txt", "lua/polylsp/types.lua")


def test_the_help_and_the_types_are_those_of_the_settings(tmp_path: Path) -> None:
    """`nvim -l editors/neovim/scripts/generate.lua` writes them anew."""
    nvim = editor("0.12")
    script = PLUGIN / "scripts" / "generate.lua"
    command = [*nvim.command, "-l", str(script), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, **nvim.environment})
    for name in GENERATED:
        written = (tmp_path / name).read_text("utf-8")
        assert (PLUGIN / name).read_text("utf-8") == written, name


def test_the_help_has_no_tag_twice() -> None:
    tags = re.findall(r"\*([^\s*|]+)\*(?=\s)", (PLUGIN / "doc" / "polylsp.txt").read_text("utf-8"))
    assert len(tags) > 20
    assert sorted(set(tags)) == sorted(tags)


def test_it_has_the_servers_version() -> None:
    said = (PLUGIN / "lua" / "polylsp" / "version.lua").read_text("utf-8")
    assert said.splitlines()[-1] == f'return "{__version__}"'


def test_the_lua_is_formatted() -> None:
    with needed():
        node, folder = lua.stylua()
    script = PLUGIN / "scripts" / "style.mjs"
    done = subprocess.run(
        [node, str(script), str(folder), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lua_is_linted() -> None:
    with needed():
        luacheck = lua.luacheck()
    command = [*luacheck.command, "--no-cache", "--no-color", "."]
    done = subprocess.run(
        command,
        cwd=PLUGIN,
        env={**os.environ, **luacheck.environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
