"""Two real servers on one folder: one index, which both know, and neither waits for the other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from polylsp.client.editor import INVOKED, Editor
from tests.e2e.conftest import Start

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCE = "import os\n\n\ndef read(path):\n    with open("


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shutil.copytree(SAMPLES, tmp_path / "project")


@pytest.fixture(autouse=True)
def indexes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where indexes lie."""
    folder = tmp_path / "indexes"
    monkeypatch.setenv("POLYLSP_INDEX", str(folder))
    return folder


def test_two_servers_on_one_folder_have_one_index_and_neither_waits(
    start: Start, project: Path, indexes: Path
) -> None:
    first = start(root=project.as_uri())
    written = known(first, "ready")
    assert written["files"] == len(list(project.iterdir()))
    [index] = indexes.iterdir()
    assert written["megabytes"] == pytest.approx(size(index) / 1e6, abs=0.01)
    with FileLock(index / "lock"):  # As whoever writes has it.
        second = start(root=project.as_uri())
        read = known(second, "another process is at it")
        assert {**read, "state": "ready"} == written
        uri = (project / "new.py").as_uri()
        second.open(uri, "python", SOURCE)
        assert second.complete(uri, len(SOURCE), INVOKED)
    assert known(second, "ready") == written
    assert list(indexes.iterdir()) == [index]
    assert [editor.quit() for editor in (first, second)] == [0, 0]


def known(editor: Editor, state: str) -> dict[str, Any]:
    """What a server remembers of its folder, once it is in that state."""
    editor.wait_until_ready()
    while True:
        [folder] = editor.status()["memory"]["folders"] or [{"state": ""}]
        if folder["state"] == state and folder["files"]:
            return dict(folder)


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())
