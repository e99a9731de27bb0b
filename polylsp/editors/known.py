"""The editors that are known: how each is found on a machine, and what its user writes where.

The texts lie in `configurations/`, with `{polylsp}` for the command; docs/editors.md shows the same.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent / "configurations"
_COMMAND = "{polylsp}"


@dataclass(frozen=True, slots=True)
class Text:
    """Something to write."""

    name: str  # Of a file in `configurations/`.
    place: str  # Where its content goes.


@dataclass(frozen=True, slots=True)
class Setup:
    """One way to set an editor up."""

    client: str  # What speaks to the server.
    shows: str  # How suggestions are shown.
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Editor:
    """An editor, and the ways to set it up, the best first."""

    name: str
    title: str
    commands: tuple[str, ...]  # What starts it; one of them on the PATH shows that it is there.
    # What it is called among macOS's applications, where it need not be on the PATH.
    application: str
    setups: tuple[Setup, ...]


GHOST, LIST = "as ghost text", "in the completion list"

EDITORS = (
    Editor(
        "vscode",
        "VS Code",
        ("code", "code-insiders", "codium", "code-server"),
        "Visual Studio Code",
        (Setup("its extension", GHOST, (Text("vscode.sh", "a terminal"),)),),
    ),
    Editor(
        "neovim",
        "Neovim",
        ("nvim",),
        "Neovide",
        (Setup("its plug-in", GHOST, (Text("neovim.lua", "~/.config/nvim/init.lua"),)),),
    ),
    Editor(
        "emacs",
        "Emacs",
        ("emacs",),
        "Emacs",
        (
            Setup("lsp-mode 10", GHOST, (Text("emacs-lsp-mode.el", "~/.emacs.d/init.el"),)),
            Setup("eglot", LIST, (Text("emacs-eglot.el", "~/.emacs.d/init.el"),)),
        ),
    ),
    Editor(
        "helix",
        "Helix",
        ("hx", "helix"),
        "Helix",
        (Setup("Helix itself", LIST, (Text("helix.toml", "~/.config/helix/languages.toml"),)),),
    ),
    Editor(
        "vim",
        "Vim",
        ("vim", "gvim"),
        "MacVim",
        (
            Setup("ALE", LIST, (Text("ale.vim", "~/.vimrc"),)),
            Setup(
                "coc.nvim",
                GHOST,
                (Text("coc.json", "~/.vim/coc-settings.json"), Text("coc.vim", "~/.vimrc")),
            ),
            Setup("vim-lsp", LIST, (Text("vim-lsp.vim", "~/.vimrc"),)),
        ),
    ),
    Editor(
        "zed",
        "Zed",
        ("zed", "zeditor"),
        "Zed",
        (Setup("Zed itself", LIST, (Text("zed.json", "~/.config/zed/settings.json"),)),),
    ),
    Editor(
        "sublime",
        "Sublime Text",
        ("subl",),
        "Sublime Text",
        (Setup("LSP", LIST, (Text("sublime.json", "Preferences: LSP Settings"),)),),
    ),
    Editor(
        "kate",
        "Kate",
        ("kate",),
        "kate",
        (
            Setup(
                "LSP Client",
                LIST,
                (Text("kate.json", "Settings > LSP Client > User Server Settings"),),
            ),
        ),
    ),
    Editor(
        "jetbrains",
        "JetBrains",
        ("idea", "pycharm", "clion", "goland", "webstorm", "rustrover", "phpstorm", "rubymine"),
        "IntelliJ IDEA",
        (
            Setup(
                "LSP4IJ",
                GHOST,
                (
                    Text(
                        "jetbrains.txt", "Settings > Languages & Frameworks > Language Servers > +"
                    ),
                ),
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


def rendered(name: str, command: str = "polylsp") -> str:
    """A file of `configurations/` as the editor's user writes it; `command` starts polylsp."""
    return (TEXTS / name).read_text(encoding="utf-8").replace(_COMMAND, command)


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
