"""The packaged extension, and a window that it is installed in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.editors.conftest import STRICT, Open, needed
from tests.editors.ground.vscode import VSCode
from tests.editors.home import ROOT, Home
from tests.editors.scene import scene
from tests.editors.vscode.package import packaged
from tests.editors.workbench import Workbench

Window = Callable[..., Workbench]
Saw = Callable[[object], None]

SCREENS = ROOT / "build" / "screens"
# The embedded model knows how this goes on behind TYPED.
SOURCE, TYPED, SUGGESTED = scene().before, scene().typed, scene().suggested
# A test's machine may be busy: the model is to say all it has to say.
PATIENT: dict[str, object] = {"polylsp.engine.budget": 10_000}


@pytest.fixture(scope="session")
def vsix(vscode: VSCode) -> Path:
    with needed(strict=STRICT):
        return packaged(vscode)


@pytest.fixture(autouse=True)
def profile(home: Home) -> None:
    """VS Code asks the user's login shell for the PATH; this one says what the home's environment says."""
    home.config(".profile", f'PATH="{home.folder / "bin"}:$PATH"\n')


@pytest.fixture
def ready(workbench: Open, vsix: Path) -> Window:
    """Opens a window with the extension in it, and a file at its end; returns once the model is ready."""

    def open_(file: Path, **settings: object) -> Workbench:
        quiet = {"editor.wordBasedSuggestions": "off", "editor.autoClosingBrackets": "never"}
        window = workbench(vsix, settings={**quiet, **PATIENT, **settings})
        window.open(file)
        window.see_status(r"embedded")
        window.press("Control+End")
        return window

    return open_


def servers(home: Home) -> list[psutil.Process]:
    """The polylsp servers that run for this home's user."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME") == str(home.folder) and is_server(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


def is_server(process: psutil.Process) -> bool:
    return process.cmdline()[-1:] == ["lsp"] and "polylsp" in process.cmdline()


def server_log(window: Workbench) -> str:
    """What the servers wrote to standard error; the editor itself keeps no logs where it runs without them."""
    return (window.code.log.parent / "polylsp.log").read_text(encoding="utf-8")


def is_quiet(window: Workbench) -> bool:
    """Whether the server logged no error, and nothing popped up that tells of one."""
    wrong = [one for one in window.messages() if "rror" in one or "ailed" in one]
    return not wrong and " ERROR " not in server_log(window)
