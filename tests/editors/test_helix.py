"""Helix, set up as docs/editors.md says, with the real server and the embedded model. It counts in utf-8."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.editors.conftest import Start
from tests.editors.documented import documented
from tests.editors.ground.shelf import Editor
from tests.editors.home import Home
from tests.editors.scene import scene
from tests.editors.waiting import saved

Saw = Callable[[object], None]

_SETTINGS = "[editor]\ninsert-final-newline = false\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_item_of_the_completion_list_is_taken(
    helix: Editor, home: Home, terminal: Start, line_end: str, saw: Saw
) -> None:
    home.config("helix/languages.toml", documented("helix.toml"))
    home.config("helix/config.toml", _SETTINGS)
    wanted = scene(line_end)
    file = home.file("people.py", wanted.before)
    screen = terminal(helix, str(file))
    home.wait_until_ready()
    screen.press("g", "e", "A")
    screen.type(wanted.typed)
    item = screen.see(wanted.typed + wanted.suggested + " +text")
    saw(f"{helix}: {item}")
    screen.press("Tab", "Enter", "Escape")
    screen.type(":w")
    screen.press("Enter")
    assert saved(file, wanted.after) == wanted.after
    assert "counts in utf-8 and does not announce inline completions" in home.log()
