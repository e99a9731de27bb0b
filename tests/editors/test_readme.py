"""What the README tells a newcomer to do, done as it stands there in a copy of the repository: to ghost text."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.editors.conftest import STRICT, needed
from tests.editors.ground.shelf import ran
from tests.editors.ground.vscode import VSCode
from tests.editors.home import ROOT, Home
from tests.editors.neovim.conftest import editor
from tests.editors.neovim.driver import Neovim
from tests.editors.neovim.test_ghost import SHAPES, SUGGESTED
from tests.editors.vscode.conftest import SOURCE, Saw, servers
from tests.editors.vscode.package import equipped, shim
from tests.editors.vscode.test_environment import LONG, press, suggested
from tests.editors.waiting import until
from tests.editors.workbench import Server, window

_NOT_CLONED = (
    *(".git", ".nox", ".venv", ".hypothesis", ".*_cache", "__pycache__"),
    *("node_modules", "build", "dist", "wheel", "*.vsix", "*.lock"),
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The repository as git would give it, but for what git keeps."""
    folder = tmp_path / "polylsp"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_NOT_CLONED))
    return folder


@pytest.fixture
def newcomer(home: Home) -> Home:
    """A user without polylsp."""
    (home.folder / "bin" / "polylsp").unlink()
    return home


def test_the_readme_leads_to_ghost_text_in_vs_code(
    vscode: VSCode, newcomer: Home, clone: Path, tmp_path: Path, saw: Saw
) -> None:
    [line] = _block("VS Code")
    code = Server(vscode, newcomer)
    code.configure({"editor.wordBasedSuggestions": "off"})
    with equipped(vscode) as environment, needed(strict=STRICT):
        tools = tmp_path / "tools"
        tools.mkdir()
        shim(tools / "code", code.command)
        path = os.pathsep.join([str(tools), environment["PATH"]])
        ran(["sh", "-c", line], folder=clone, environment={**environment, "PATH": path})
    assert code.extensions()
    file = newcomer.file("reader.py", SOURCE)
    with window(code, newcomer, vscode.browser) as bench:
        bench.open(file)
        press(bench, "not set up yet", "Set Up")
        bench.until(lambda: servers(newcomer), "a server", LONG)
        saw(f"{line} → Set Up → {suggested(bench)!r}")


@pytest.mark.parametrize("version", ["0.12", "0.11"])
def test_the_readme_leads_to_ghost_text_in_neovim(
    version: str, newcomer: Home, clone: Path, saw: Saw
) -> None:
    *lines, last = _block("Neovim")
    ran(["sh", "-ec", "\n".join(lines)], folder=clone, environment=newcomer.environment)
    command, *arguments = shlex.split(last, comments=True)
    assert command == "nvim"
    layer = "builtin" if version == "0.12" else "own"
    vim = Neovim(editor(version), newcomer, layer, arguments)
    try:
        vim.edit(newcomer.file("shapes.py", SHAPES))
        until(lambda: vim.quiet_state() == "ready", "a server with its model", seconds=400)
        vim.begin(SHAPES)
        vim.write("        ")
        assert vim.wait_for_ghost() == SUGGESTED
        saw(f"{last} → {SUGGESTED!r}")
    finally:
        vim.end()


def _block(editor: str) -> list[str]:
    """The lines of the README's first block behind an editor's name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^\*\*{editor}\*\*.*?^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].strip().splitlines()
