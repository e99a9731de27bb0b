"""`python -m tests.editors.ground`: set all editors up, and say what there is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tests.editors.ground import emacs, helix, neovim, tmux, vim, vscode
from tests.editors.ground.shelf import UnavailableError, shelf

_ALL: dict[str, Callable[[], object]] = {
    "neovim": neovim.newest,
    "neovim-0.11": neovim.older,
    "neovim-0.10": neovim.oldest,
    "vscode": lambda: vscode.vscode().server,
    "chromium": vscode.browser,
    "tmux": tmux.tmux,
    "emacs": lambda: f"{emacs.emacs()}, lsp-mode {emacs.lsp_mode()}",
    "helix": helix.helix,
    "vim": vim.vim,
}


def main(wanted: list[str]) -> int:
    print(f"in {shelf()}:")
    missing = 0
    for name in wanted or _ALL:
        began = time.monotonic()
        try:
            found = str(_ALL[name]())
        except UnavailableError as error:
            missing += 1
            found = f"cannot be had: {error}"
        print(f"  {name:12} {found} ({time.monotonic() - began:.1f} s)", flush=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
