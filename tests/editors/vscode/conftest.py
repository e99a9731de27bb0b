"""The packaged extension, and a window that it is installed in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.conftest import Open
from tests.editors.ground.shelf import UnavailableError
from tests.editors.ground.vscode import VSCode
from tests.editors.vscode.package import packaged
from tests.editors.workbench import Workbench

Window = Callable[..., Workbench]

# What a first run shows has a test of its own.
QUIET = {"editor.inlineSuggest.enabled": True, "editor.wordBasedSuggestions": "off"}


@pytest.fixture(scope="session")
def vsix(vscode: VSCode) -> Path:
    try:
        return packaged(vscode)
    except UnavailableError as error:
        if os.environ.get("POLYLSP_EDITORS_STRICT"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def ready(workbench: Open, vsix: Path) -> Window:
    """Opens a window with the extension in it, and a file; returns once the model is ready."""

    def open_(file: Path, **settings: object) -> Workbench:
        window = workbench(vsix, settings={**QUIET, **settings})
        window.open(file)
        window.see_status(r"embedded")
        return window

    return open_
