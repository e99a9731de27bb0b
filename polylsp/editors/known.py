"""The editors that are known: how each is found on a machine, and what its user writes where.

The texts lie in `configurations/`, with `{polylsp}` for the command; docs/editors.md shows the same.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TEXTS = Path(__file__).parent / "configurations"
_COMMAND = "{polylsp}"


@dataclass(frozen=True, slots=True)
class Setup:
    """One way to set an editor up."""

    title: str  # The client, where an editor has several.
    text: str  # A file in `configurations/`.
    place: str  # Where its content goes.
    shows: str  # How suggestions are shown.


@dataclass(frozen=True, slots=True)
class Editor:
    """An editor, and the ways to set it up, the best first."""

    name: str
    title: str
    commands: tuple[str, ...]  # What starts it; one of them on the PATH shows that it is there.
    application: str  # What it is called among macOS's applications, where it need not be on the PATH.
    setups: tuple[Setup, ...]


GHOST, LIST = "ghost text", "the completion list"

EDITORS = (
    Editor(
        "vscode",
        "VS Code",
        ("code", "code-insiders", "codium", "code-server"),
        "Visual Studio Code",
        (Setup("our extension", "vscode.sh", "a terminal", GHOST),),
    ),
    Editor(
        "neovim",
        "Neovim",
        ("nvim",),
        "Neovide",
        (Setup("our plug-in", "neovim.lua", "~/.config/nvim/init.lua", GHOST),),
    ),
    Editor(
        "emacs",
        "Emacs",
        ("emacs",),
        "Emacs",
        (
            Setup("lsp-mode 10", "emacs-lsp-mode.el", "~/.emacs.d/init.el", GHOST),
            Setup("eglot", "emacs-eglot.el", "~/.emacs.d/init.el", LIST),
        ),
    ),
    Editor(
        "helix",
        "Helix",
        ("hx", "helix"),
        "Helix",
        (Setup("built in", "helix.toml", "~/.config/helix/languages.toml", LIST),),
    ),
    Editor(
        "vim",
        "Vim",
        ("vim", "gvim"),
        "MacVim",
        (
            Setup("ALE", "ale.vim", "~/.vimrc", LIST),
            Setup("coc.nvim", "coc.json", "~/.vim/coc-settings.json", GHOST),
            Setup("vim-lsp", "vim-lsp.vim", "~/.vimrc", LIST),
        ),
    ),
    Editor(
        "zed",
        "Zed",
        ("zed", "zeditor"),
        "Zed",
        (Setup("built in", "zed.json", "~/.config/zed/settings.json", LIST),),
    ),
    Editor(
        "sublime",
        "Sublime Text",
        ("subl",),
        "Sublime Text",
        (Setup("LSP", "sublime.json", "Preferences: LSP Settings", LIST),),
    ),
    Editor(
        "kate",
        "Kate",
        ("kate",),
        "kate",
        (Setup("LSP Client", "kate.json", "Settings > LSP Client > User Server Settings", LIST),),
    ),
    Editor(
        "jetbrains",
        "a JetBrains IDE",
        ("idea", "pycharm", "clion", "goland", "webstorm", "rustrover", "phpstorm", "rubymine"),
        "IntelliJ IDEA",
        (
            Setup(
                "LSP4IJ",
                "jetbrains.txt",
                "Settings > Languages & Frameworks > Language Servers > +",
                GHOST,
            ),
        ),
    ),
)


def found() -> Iterator[Editor]:
    """The editors that are installed on this machine."""
    for editor in EDITORS:
        on_path = any(shutil.which(command) for command in editor.commands)
        if on_path or _is_application(editor.application):
            yield editor


def configuration(setup: Setup, command: str = "polylsp") -> str:
    """What the editor's user writes; `command` starts polylsp."""
    return (_TEXTS / setup.text).read_text(encoding="utf-8").replace(_COMMAND, command)


def command() -> str:
    """What starts this very polylsp: its name where that is on the PATH, else its full path.

    With forward slashes, which Windows knows too, and which need no escaping in any configuration.
    """
    beside = shutil.which("polylsp", path=str(Path(sys.executable).parent))
    on_path = shutil.which("polylsp")
    if beside is None or (on_path is not None and Path(on_path).samefile(beside)):
        return "polylsp"
    return Path(beside).as_posix()


def _is_application(name: str) -> bool:
    if sys.platform != "darwin":
        return False
    folders = (Path("/Applications"), Path.home() / "Applications")
    return any((folder / f"{name}.app").exists() for folder in folders)
