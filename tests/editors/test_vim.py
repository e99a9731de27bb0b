"""Vim with ALE, as docs/editors.md sets it up, the real server and the embedded model. It counts in utf-16."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.editors.conftest import Start
from tests.editors.documented import documented
from tests.editors.ground.shelf import Editor
from tests.editors.ground.vim import ale
from tests.editors.home import Home
from tests.editors.scene import scene
from tests.editors.waiting import saved

Saw = Callable[[object], None]

_SETTINGS = "filetype plugin on\nset nofixendofline\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_ale_offers_a_suggestion_and_it_is_taken(
    vim: Editor, home: Home, terminal: Start, line_end: str, saw: Saw
) -> None:
    home.config(".vimrc", _SETTINGS + documented("ale.vim"))
    package = home.folder / ".vim/pack/tests/start/ale"
    package.parent.mkdir(parents=True)
    package.symlink_to(ale())
    wanted = scene(line_end)
    file = home.file("people.py", wanted.before)
    screen = terminal(vim, str(file))
    home.wait_until_ready()
    screen.press("G", "A")
    screen.type(wanted.typed)
    item = screen.see(wanted.typed + wanted.suggested + ".+polylsp")
    saw(f"{vim}, ALE: {item}")
    screen.press("C-n", "C-y", "Escape")
    screen.type(":w")
    screen.press("Enter")
    assert saved(file, wanted.after) == wanted.after
    assert "counts in utf-16 and does not announce inline completions" in home.log()
