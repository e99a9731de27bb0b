"""Real editors, for the tests marked `editors`.

An editor that cannot be had on this machine is a skip with the reason; with `POLYLSP_EDITORS_STRICT` set, a
missing VS Code or Neovim fails. What the tests saw is told at the end.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.editors.ground import emacs as emacses
from tests.editors.ground import helix as helices
from tests.editors.ground import neovim as neovims
from tests.editors.ground import vim as vims
from tests.editors.ground import vscode as vscodes
from tests.editors.ground.shelf import Editor, UnavailableError
from tests.editors.ground.tmux import tmux
from tests.editors.ground.vscode import VSCode
from tests.editors.home import Home
from tests.editors.home import home as new_home
from tests.editors.terminal import Terminal
from tests.editors.workbench import Server, Workbench, window

T = TypeVar("T")
Start = Callable[..., Terminal]
Open = Callable[..., Workbench]

STRICT = bool(os.environ.get("POLYLSP_EDITORS_STRICT"))
_SAW = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs an editor."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.editors)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(_SAW, [])
    if lines:
        terminalreporter.section("what was seen in editors")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def saw(request: pytest.FixtureRequest) -> Callable[[object], None]:
    """Tell of something seen; it is printed at the end, passed or failed."""
    lines = request.config.stash.setdefault(_SAW, [])

    def tell(what: object) -> None:
        lines.append(f"{request.node.name}: {what}")

    return tell


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = new_home(tmp_path / "home")
    yield made
    print(made.log())  # For those who look into a failure.


@pytest.fixture(scope="session", params=["newest", "0.11"])
def neovim(request: pytest.FixtureRequest) -> Editor:
    """Each Neovim in turn. Only if there is none at all is that a failure where one must be."""
    with needed():
        if request.param == "newest":
            return neovims.newest()
    with needed(strict=STRICT):
        return neovims.older()


@pytest.fixture(scope="session")
def emacs() -> Editor:
    with needed():
        return emacses.emacs()


@pytest.fixture(scope="session")
def helix() -> Editor:
    with needed():
        return helices.helix()


@pytest.fixture(scope="session")
def vim() -> Editor:
    with needed():
        return vims.vim()


@pytest.fixture(scope="session")
def vscode() -> VSCode:
    with needed(strict=STRICT):
        return vscodes.vscode()


@pytest.fixture
def workbench(vscode: VSCode, home: Home) -> Iterator[Open]:
    """Opens a workbench on the home's workspace: `workbench(package.vsix, settings={…}, trusted=True)`."""
    with ExitStack() as opened:

        def open_(
            *packages: Path, settings: dict[str, object] | None = None, trusted: bool = True
        ) -> Workbench:
            code = Server(vscode, home, trusted=trusted)
            code.configure(settings or {})
            for package in packages:
                code.install(package)
            return opened.enter_context(window(code, home, vscode.browser))

        yield open_


@pytest.fixture
def terminal(home: Home) -> Iterator[Start]:
    """Starts an editor in a terminal, in the home's workspace: `terminal(editor, "-n", "a.py")`."""
    with needed():
        program = tmux().command[0]
    # A socket's path may have a hundred letters; those of pytest have more.
    with tempfile.TemporaryDirectory() as short, ExitStack() as started:

        def start(editor: Editor, *arguments: str, size: tuple[int, int] = (100, 30)) -> Terminal:
            environment = {**home.environment, **editor.environment}
            command = [*editor.command, *arguments]
            socket = Path(short) / "t"
            screen = Terminal(program, socket, command, environment, home.workspace, size)
            started.callback(screen.end)
            started.callback(lambda: print(screen.screen()))  # For those who look into a failure.
            return screen

        yield start


@contextmanager
def needed(strict: bool = False) -> Iterator[None]:
    """Skip, or fail where that must be there, if an editor cannot be had."""
    try:
        yield
    except UnavailableError as error:
        if strict:
            pytest.fail(f"an editor that must be here cannot be had: {error}")
        pytest.skip(str(error))
