"""The packaged extension in VS Code's real workbench, with the embedded model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.editors.home import Home
from tests.editors.vscode.conftest import Window

Saw = Callable[[object], None]

SOURCE = """\
import json


class Reader:
    def __init__(self, stream):
        self.stream = stream
        self.line = 0

    def close(self):
        self.stream.close()

    def read_line(self):
        line = self.stream.readline()
        self.line += 1
        return line

    def read_all(self):
        lines = []
        while True:
            line = self.read_line()
            if not line:
"""


def test_tab_inserts_the_ghost_text(ready: Window, home: Home, saw: Saw, tmp_path: Path) -> None:
    file = home.file("reader.py", SOURCE)
    window = ready(file)
    window.press("Control+End")
    window.type("                re")
    text = window.see_ghost_text()
    saw(f"ghost text {text!r}; {window.status()}")
    window.screenshot(Path("/tmp/vs-shot.png"))
    window.press("Tab")
    after = window.saved(file).decode()
    assert after == SOURCE + "                re" + text
    saw(window.messages())
