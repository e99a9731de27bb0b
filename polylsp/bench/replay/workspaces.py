"""The rest of a package as the workspace of one of its files: a copy of it, without near twins of what is typed.

On disk the file stands as it is before the first key; what keeps it out of the index is that it is open.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from polylsp.bench.replay.pieces import Piece
from polylsp.client.editor import Editor
from polylsp.errors import PolyError
from polylsp.evals.package import packages, text_of, twins
from polylsp.evals.twins import Shingles, shingles

_LONGEST = 1800.0  # Seconds that a workspace may take to be indexed.
_GLANCE = 0.05


@dataclass(slots=True)
class _Copy:
    """One package, copied."""

    root: Path
    folder: Path
    known: dict[Path, Shingles]
    changed: list[Path] = field(default_factory=list)  # Files that are not as in the package now.


class Workspaces:
    """A copy of each package, made when it is first needed."""

    def __init__(self, folder: Path, roots: Sequence[Path]) -> None:
        """`folder` is for the copies, and for the index of them."""
        self._folder = folder.resolve()
        self._packages = packages(roots)
        self._copies: dict[Path, _Copy] = {}

    @property
    def environment(self) -> Mapping[str, str]:
        """For a server, so that it keeps the index here."""
        return {**os.environ, "POLYLSP_INDEX": str(self._folder / "index")}

    def around(self, piece: Piece) -> tuple[Piece, Path]:
        """The piece as it is typed in its workspace, and the workspace's folder, which is ready for it then."""
        copy = self._copy(piece.file)
        for file in copy.changed:
            shutil.copyfile(file, _place(copy, file))
        typed = _place(copy, piece.file)
        copies = twins(piece.file, copy.known) if piece.file in copy.known else []
        for file in copies:
            _place(copy, file).unlink()
        typed.parent.mkdir(parents=True, exist_ok=True)
        typed.write_text(piece.opened, encoding="utf-8")
        copy.changed = [piece.file, *copies]
        return replace(piece, file=typed), copy.folder

    def _copy(self, file: Path) -> _Copy:
        root, files = next(one for one in self._packages if file in one[1])
        found = self._copies.get(root)
        if found is None:
            folder = self._folder / str(len(self._copies)) / root.name
            texts = {one: text for one in files if (text := text_of(one))}
            known = {one: shingles(text) for one, text in texts.items()}
            found = self._copies[root] = _Copy(root, folder, known)
            for one in texts:
                place = _place(found, one)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(one, place)
        return found


def settle(editor: Editor, folder: Path) -> None:
    """Have `folder` alone as the workspace, and all of it remembered. Raises PolyError if that takes long."""
    editor.work_in([])
    editor.work_in([folder.as_uri()])
    until = time.monotonic() + _LONGEST
    while not _ready(editor, folder):
        if time.monotonic() > until:
            message = editor.status()["memory"]["message"]
            raise PolyError(f"{folder} is not indexed after {_LONGEST:g} seconds: {message}")
        time.sleep(_GLANCE)


def _ready(editor: Editor, folder: Path) -> bool:
    folders = editor.status()["memory"]["folders"]
    return [(Path(one["path"]), one["state"]) for one in folders] == [(folder, "ready")]


def _place(copy: _Copy, file: Path) -> Path:
    return copy.folder / file.relative_to(copy.root)
