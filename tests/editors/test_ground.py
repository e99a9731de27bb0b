"""The ground itself: each editor starts, in the user's home that tests give it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.editors.conftest import Open, Start
from tests.editors.exthost import run_tests
from tests.editors.ground.shelf import Editor
from tests.editors.ground.vscode import VSCode
from tests.editors.home import Home
from tests.editors.waiting import until

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
    until(lambda: not screen.is_running(), "its end")
    assert file.read_text("utf-8") == "# 😀\nhere\n"
    saw(neovim)


def test_vs_code_opens_a_folder_and_saves_what_is_typed(
    vscode: VSCode, home: Home, workbench: Open, tmp_path: Path, saw: Saw
) -> None:
    file = home.file("a.py", "# 😀 e\u0301\r\n")
    window = workbench(settings={"editor.insertSpaces": False})
    window.open(file)
    window.press("Control+End")
    window.type("\tpass")
    assert window.saved(file) == "# 😀 e\u0301\r\n\tpass".encode()
    assert "Ln 2" in window.status("Ln ")
    assert not window.messages()
    assert window.screenshot(tmp_path / "window.png").stat().st_size > 10_000
    saw(f"{vscode.server} in {vscode.browser}: {window.status('Ln ')}")


def test_an_extensions_tests_run_in_the_extension_host(
    vscode: VSCode, home: Home, tmp_path: Path, saw: Saw
) -> None:
    extension = tmp_path / "extension"
    extension.mkdir()
    manifest = {
        "name": "tested",
        "publisher": "tests",
        "version": "0.0.1",
        "main": "./main.js",
        "engines": {"vscode": "^1.91.0"},
        "activationEvents": ["*"],
    }
    (extension / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    (extension / "main.js").write_text("exports.activate = () => 42;", encoding="utf-8")
    (extension / "test.js").write_text(_EXTENSION_TEST, encoding="utf-8")
    outcome = run_tests(vscode, home, extension, extension / "test.js")
    assert outcome.code == 0, outcome.lines
    [said] = [line for line in outcome.lines if "activated" in line]
    assert f"activated 42 in {vscode.server.version}" in said
    saw(said)


_EXTENSION_TEST = """\
const vscode = require("vscode");
exports.run = async () => {
  const extension = vscode.extensions.getExtension("tests.tested");
  console.log("activated", await extension.activate(), "in", vscode.version);
};
"""
