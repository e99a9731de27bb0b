"""Emacs, set up as docs/editors.md says, with the real server and the embedded model. It counts in utf-32."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.editors.conftest import Start
from tests.editors.documented import documented
from tests.editors.ground.emacs import AUTOLOADS, NO_COMPILER, lsp_mode
from tests.editors.ground.shelf import Editor
from tests.editors.home import Home
from tests.editors.scene import scene
from tests.editors.terminal import Terminal
from tests.editors.waiting import saved, until

Saw = Callable[[object], None]

_QUIET = """\
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil mode-require-final-newline nil)
"""
_BEFORE = NO_COMPILER + AUTOLOADS + _QUIET
# Where it is answered what lsp-mode asks of a folder that it sees for the first time.
_BEHIND = "(lsp-workspace-folders-add default-directory)\n"


@pytest.fixture(params=["\n", "\r\n"], ids=["lf", "crlf"])
def line_end(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_lsp_mode_shows_ghost_text_and_tab_takes_it(
    emacs: Editor, home: Home, terminal: Start, line_end: str, saw: Saw
) -> None:
    home.config(".emacs.d/init.el", _BEFORE + documented("emacs-lsp-mode.el") + _BEHIND)
    seen = _taken(emacs, home, terminal, line_end)
    saw(f"{emacs}, lsp-mode {lsp_mode()}: {seen}")
    assert "counts in utf-32 and does not announce inline completions" in home.log()


def test_eglot_previews_a_completion_and_tab_takes_it(
    emacs: Editor, home: Home, terminal: Start, line_end: str, saw: Saw
) -> None:
    home.config(".emacs.d/init.el", _BEFORE + documented("emacs-eglot.el"))
    seen = _taken(emacs, home, terminal, line_end)
    saw(f"{emacs}, eglot: {seen}")
    assert "counts in utf-32 and does not announce inline completions" in home.log()


def _taken(emacs: Editor, home: Home, terminal: Start, line_end: str) -> str:
    """Type, see the suggestion behind what was typed, take it, save: the line that was seen."""
    wanted = scene(line_end)
    file = home.file("people.py", wanted.before)
    screen = terminal(emacs, str(file))
    home.wait_until_ready()
    screen.press("M->")
    shown = wanted.typed + wanted.suggested
    screen.type(wanted.typed)
    seen = until(lambda: _last_line(screen, shown), "the suggestion")
    assert file.read_bytes() == wanted.before.encode()
    screen.press("Tab")
    screen.press("C-x", "C-s")
    assert saved(file, wanted.after) == wanted.after
    return seen


def _last_line(screen: Terminal, shown: str) -> str:
    """The last line of the file, once it ends like that."""
    lines = [line for line in screen.screen().splitlines() if line.rstrip().endswith(shown)]
    return lines[1].strip() if len(lines) == 2 else ""
