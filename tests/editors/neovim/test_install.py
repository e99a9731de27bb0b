"""Installing, upgrading and uninstalling from a plain packpath, a folder of wheels, and no network."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from polylsp import __version__
from tests.editors.conftest import needed
from tests.editors.home import Home
from tests.editors.neovim import wheels
from tests.editors.neovim.conftest import editor
from tests.editors.neovim.driver import PLUGIN, Neovim
from tests.editors.neovim.test_ghost import SHAPES, SUGGESTED
from tests.editors.waiting import until

OLDER = "0.0.9"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of both versions, and the folder of what they need."""
    work = tmp_path_factory.mktemp("wheels")
    with needed():
        newest, older = wheels.built(work), wheels.built(work, OLDER)
        return {__version__: newest, OLDER: older, "needed": wheels.needed(newest)}


@pytest.fixture(params=["0.12", "0.11"])
def vim(request: pytest.FixtureRequest, home: Home, built: dict[str, Path]) -> Iterator[Neovim]:
    """For a user without polylsp; the plug-in is copied into a packpath, with the wheel that it carries."""
    package = home.folder / ".local/share/nvim/site/pack/polylsp/start/polylsp"
    shutil.copytree(PLUGIN, package)
    (package / "wheel").mkdir()
    shutil.copy(built[__version__], package / "wheel")
    (home.folder / "bin" / "polylsp").unlink()
    settings = f'{{ python = "{sys.executable}", wheels = "{built["needed"]}" }}'
    home.config("nvim/init.lua", f'require("polylsp").setup({{ install = {settings} }})\n')
    layer = "builtin" if request.param == "0.12" else "own"
    started = Neovim(editor(request.param), home, layer, PIP_NO_INDEX="1", PATH="/usr/bin:/bin")
    yield started
    started.end()


def files(home: Home) -> set[str]:
    """polylsp's own; os.walk, as folders may go away while they are looked through."""
    found = {
        str((Path(folder) / name).relative_to(home.folder))
        for folder, _, names in os.walk(home.folder)
        for name in names
    }
    return {file for file in found if "polylsp" in file and "/pack/" not in file}


def test_install_upgrade_and_uninstall(
    vim: Neovim, home: Home, built: dict[str, Path], saw: Callable[[object], None]
) -> None:
    vim.edit(home.file("a.py", SHAPES))
    vim.wait_for_state("missing")
    before = files(home)

    vim.nvim.command(f"Polylsp install {built[OLDER]}")
    until(lambda: vim.quiet_state() == "ready", "the older server", seconds=400)
    assert version(vim) == OLDER
    until(lambda: f"the server is {OLDER}" in vim.quiet_messages(), "the offer to upgrade")

    vim.nvim.command("Polylsp install")
    until(lambda: vim.quiet_state() == "ready" and version(vim) == __version__, "it", seconds=400)
    vim.begin(SHAPES)
    vim.write("        ")
    assert vim.wait_for_ghost() == SUGGESTED
    saw(f"{OLDER}, then {__version__} installed from wheels; suggested: {SUGGESTED}")

    vim.press("<Esc>")
    vim.nvim.command("Polylsp uninstall")
    until(lambda: vim.quiet_state() == "stopped", "the end of the server")
    until(lambda: files(home) == before, "nothing left behind")


def test_an_installation_that_fails_leaves_nothing(vim: Neovim, home: Home, tmp_path: Path) -> None:
    before = files(home)
    vim.lua("require('polylsp.config').get().install.wheels = ...", str(tmp_path))
    vim.nvim.command("Polylsp install")
    said = until(
        lambda: text if "failed" in (text := vim.quiet_messages()) else "", "it", seconds=300
    )
    assert "No matching distribution" in said
    assert {file for file in files(home) - before if "/cache/" not in file} == set()


def version(vim: Neovim) -> str:
    return str(vim.lua('return require("polylsp").status().version or ""'))
