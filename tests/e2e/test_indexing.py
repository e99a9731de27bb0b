"""Two real servers on one folder: one index, which both know, and neither waits for the other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from polylsp.client.editor import Editor
from tests.e2e.conftest import Start

SAMPLES = Path(__file__).parents[1] / "samples"
SOURCE = "import os\n\n\ndef read(path):\n    with open("


def test_two_servers_on_one_folder_both_know_it(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(SAMPLES, folder)
    both = [start(root=folder.as_uri()) for _ in range(2)]
    for editor in both:
        editor.wait_until_ready()
    known = [ready(editor) for editor in both]
    assert known[0]["files"] == known[1]["files"] > 5
    assert known[0]["tokens"] == known[1]["tokens"]
    for number, editor in enumerate(both):
        uri = (folder / f"new{number}.py").as_uri()
        editor.open(uri, "python", SOURCE)
        editor.complete(uri, len(SOURCE))
        assert editor.quit() == 0


def ready(editor: Editor) -> dict[str, Any]:
    """What a server remembers of its folder, once it has been read."""
    while True:
        [folder] = editor.status()["memory"]["folders"]
        if folder["state"] == "ready" and folder["files"]:
            return dict(folder)
