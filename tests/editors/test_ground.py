"""The ground itself: each editor starts, in the user's home that tests give it."""

from __future__ import annotations

from collections.abc import Callable

from tests.editors.conftest import Start
from tests.editors.ground.shelf import Editor
from tests.editors.home import Home

Saw = Callable[[object], None]


def test_neovim_draws_into_a_terminal(
    neovim: Editor, home: Home, terminal: Start, saw: Saw
) -> None:
    file = home.file("a.txt", "# 😀\n")
    screen = terminal(neovim, "-u", "NONE", str(file))
    screen.see("😀")
    screen.type("ohere")
    screen.press("Escape")
    screen.type(":wq")
    screen.press("Enter")
    while screen.is_running():
        pass
    assert file.read_text("utf-8") == "# 😀\nhere\n"
    saw(neovim)
