"""The indexes of all workspace folders, as one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from polylsp.config import MemoryConfig
from polylsp.engine.memory import Source
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace import manifest as manifests
from polylsp.workspace import shelf
from polylsp.workspace.index import Index, Updated
from polylsp.workspace.manifest import Manifest
from polylsp.workspace.places import View, sources
from polylsp.workspace.update import Progress


def known(cache: Path | None = None) -> list[dict[str, Any]]:
    """What every index on this machine holds, whatever its folder and tokenizer; the latest used first."""
    found = []
    for one in shelf.kept(cache or shelf.shelf()):
        try:
            manifest = manifests.load(one.folder)
        except (OSError, ValueError):  # It is begun, or damaged: its next user begins anew.
            manifest = Manifest("")
        about = {"root": manifest.root, "folder": str(one.folder), **manifest.figures()}
        found.append({**about, "disk": one.size, "used": one.used})
    return found


class Library:
    """What the memory knows of the workspace. Every method may be called from any thread."""

    def __init__(
        self, tokenizer: Tokenizer, config: MemoryConfig, cache: Path | None = None
    ) -> None:
        """`cache`: the folder of all indexes, where it is not the user's."""
        self._tokenizer = tokenizer
        self._config = config
        self._cache = cache
        self._indexes: dict[Path, Index] = {}
        self._lock = threading.Lock()
        # The last sources, and what they were made of: from key to key these are the same.
        self._seen: tuple[list[View], tuple[Source, ...]] = ([], ())

    def configure(self, config: MemoryConfig) -> None:
        """Take other settings over: they hold from the next update on."""
        with self._lock:
            self._config = config
            for index in self._indexes.values():
                index.configure(config)

    def folders(self, paths: Iterable[Path]) -> None:
        """The workspace has these folders now. What was written of others stays on disk."""
        roots = {path.resolve(): path for path in paths}
        outer = {
            root: path
            for root, path in roots.items()
            if not any(one in roots for one in root.parents)
        }
        with self._lock:
            self._indexes = {
                root: self._indexes.get(root)
                or Index(path, self._tokenizer, self._config, self._cache)
                for root, path in outer.items()
            }
            self._seen = ([], ())  # It would keep files mapped that are nobody's any more.
            for index in self._indexes.values():
                index.shown = index.root.name + "/" if len(outer) > 1 else ""

    @property
    def indexes(self) -> tuple[Index, ...]:
        return tuple(self._indexes.values())

    def sources(self, left_out: Collection[str] = ()) -> tuple[Source, ...]:
        """What is known, but for the files `left_out`: absolute paths of open ones."""
        views = [index.view(left_out) for index in self.indexes]
        seen, found = self._seen
        if len(seen) != len(views) or not all(map(View.same, seen, views)):
            found = sources(views)
            self._seen = views, found
        return found

    def origin(self, source: Source, at: int) -> tuple[str, int] | None:
        """The file, as people see it, and the line of a place in one of the sources; None for another's."""
        found = (index.origin(source, at) for index in self.indexes)
        return next((one for one in found if one is not None), None)

    def update(
        self,
        halted: Callable[[], bool] = lambda: False,
        say: Callable[[Progress], None] = lambda _: None,
    ) -> Updated:
        """Bring all indexes up to date, one after the other; what was not finished the next one goes on with."""
        ended = [index.update(halted, say) for index in self.indexes if not halted()]
        return Updated(
            len(ended) == len(self.indexes) and all(one.whole for one in ended),
            any(one.busy for one in ended),
            sum(one.read for one in ended),
            "; ".join(one.problem for one in ended if one.problem),
        )

    def changed(self, file: Path) -> None:
        """Learn a file, or the files of a folder, that was saved, made or deleted."""
        for index in self.indexes:
            index.changed(file)

    def refresh(self) -> None:
        """See what other processes wrote."""
        for index in self.indexes:
            index.refresh()

    def status(self) -> list[dict[str, Any]]:
        """What each index holds."""
        return [index.status() for index in self.indexes]

    def clear(self) -> None:
        """Delete the indexes. Raises PolyError where another process writes one and does not end."""
        self._seen = ([], ())
        for index in self.indexes:
            index.clear()
