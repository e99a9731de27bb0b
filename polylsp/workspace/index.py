"""The index of one workspace folder: its files as tokens on disk, looked up as sources of the memory.

Several processes may read an index while one writes it; what was written last counts once `refresh` has seen it.
Nothing here raises on what lies on a disk: what cannot be used is told in the log, and made anew or done without.
Every method may be called from any thread; `sources` and `origin` never wait.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polylsp.config import MemoryConfig
from polylsp.engine.array import Array
from polylsp.engine.memory import Kind, Source
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace import manifest as manifests
from polylsp.workspace import segments, shelf, walk
from polylsp.workspace.encoding import Encoder
from polylsp.workspace.manifest import Manifest
from polylsp.workspace.places import Changed, Lines, Recent, State, Stored, View, sources
from polylsp.workspace.reading import read
from polylsp.workspace.update import Pending, Progress, Writer

_MOST_CHANGED = 1 << 16  # Tokens of files that were changed lately.
_LONG = 200_000  # Bytes; a longer file is learnt with the next update, not at once.

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Updated:
    """How an update ended."""

    whole: bool = False  # The index tells of all files now.
    busy: bool = False  # Another process writes.
    read: int = 0  # Files that were new or changed.
    problem: str = ""  # Why it could not be written.


class Index:
    """One workspace folder, as one tokenizer reads it."""

    def __init__(
        self, root: Path, tokenizer: Tokenizer, config: MemoryConfig, cache: Path | None = None
    ) -> None:
        """`cache`: the folder of all indexes, where it is not the user's."""
        self.root = root.resolve()
        self.shown = ""  # What stands before paths when they are shown.
        self._roots = {_key(self.root), _key(Path(os.path.abspath(root)))}  # noqa: PTH100
        self._tokenizer = tokenizer
        self._config = config
        self._cache = cache or shelf.shelf()
        self._folder = shelf.place(self._cache, self.root, tokenizer.fingerprint)
        self._state = State(Manifest(str(self.root)))
        self._stamp: tuple[int, int, int] | None = None
        self._changed: dict[str, Changed] = {}
        self._lines = Lines(tokenizer)
        self._encoder = Encoder(tokenizer)
        self._pending: dict[Kind, Pending] = {}
        self._lock = threading.RLock()  # Whoever changes any of these; all are replaced whole.
        self._writing = threading.Lock()
        self._clearing = False
        self.refresh()
        shelf.touch(self._folder)

    def configure(self, config: MemoryConfig) -> None:
        """Take other settings over: they hold from the next update on."""
        self._config = config

    def sources(self, left_out: Collection[str] = ()) -> tuple[Source, ...]:
        """What the index knows, but for the files `left_out`: absolute paths of open ones."""
        return sources([self.view(left_out)])

    def view(self, left_out: Collection[str] = ()) -> View:
        """The index as it is now, for sources of several."""
        hidden = {path for file in left_out if (path := self._path(file))}
        return View(self.shown, self._state, tuple(self._changed.values()), hidden)

    def origin(self, source: Source, at: int) -> tuple[str, int] | None:
        """The file, as people see it, and the line of a place in one of the sources; None for another's."""
        if isinstance(source, Stored | Recent):
            return source.origin(at, self._lines)
        return None

    def update(
        self,
        halted: Callable[[], bool] = lambda: False,
        say: Callable[[Progress], None] = lambda _: None,
    ) -> Updated:
        """Bring the index up to date with the folder. Once halted it ends within a file; the next one goes on."""
        if not self._writing.acquire(blocking=False):
            return Updated(busy=True)
        try:
            with shelf.writing(self._folder) as mine:
                self.refresh()
                if not mine:
                    return Updated(busy=True)
                return self._update(lambda: halted() or self._clearing, say)
        except OSError as error:
            problem = f"{self._folder} cannot be written ({error.strerror or error})"
            log.warning("the index of %s is not up to date: %s", self.root, problem)
            self._pending = {}
            return Updated(problem=problem)
        finally:
            self._writing.release()

    def _update(self, halted: Callable[[], bool], say: Callable[[Progress], None]) -> Updated:
        try:
            os.listdir(self.root)  # noqa: PTH208 - What is only out of reach is not forgotten.
        except OSError as error:
            problem = f"{self.root} cannot be read ({error.strerror})"
            log.warning("%s: its index stays as it was", problem)
            return Updated(problem=problem)
        found = list(walk.walk(self.root, self._config.dependencies, halted))
        if halted():
            return Updated()
        writer = Writer(
            self._folder,
            self.root,
            self._state,
            Encoder(self._tokenizer),
            self._pending,
            self._publish,
        )
        whole = writer.update(found, self._config.megabytes, halted, say)
        if writer.unreadable:
            more = f" and {len(writer.unreadable) - 1} more" if len(writer.unreadable) > 1 else ""
            log.info("not remembered, since they cannot be read: %s%s", writer.unreadable[0], more)
        shelf.touch(self._folder)
        shelf.trim(self._cache, self._config.megabytes, self._folder)
        return Updated(whole, read=writer.read)

    def changed(self, file: Path) -> None:
        """Learn a file, or the files of a folder, that was saved, made or deleted."""
        path = self._path(str(file))
        if path is None:
            return
        with self._lock:
            changed = dict(self._changed)
            for one in [*self._below(path), path]:
                changed.pop(one, None)  # The latest is the last.
                learnt = self._learn(one)
                if learnt:
                    changed[one] = learnt
            tokens = sum(one.tokens for one in changed.values())
            for earlier in list(changed.values()):
                if tokens > _MOST_CHANGED:
                    # What is on disk of it is nearly right.
                    tokens -= changed.pop(earlier.path).tokens
            self._changed = changed

    def refresh(self) -> None:
        """See what another process wrote."""
        with self._lock:
            for _ in range(3):  # It may replace what we are about to read.
                stamp = self._stamp_now()
                if stamp == self._stamp:
                    return
                if self._load(stamp):
                    return

    def status(self) -> dict[str, Any]:
        """What the index holds, for people and programs; `dead` are places that no file has any more."""
        changed = tuple(self._changed.values())
        return {
            "root": str(self.root),
            "folder": str(self._folder),
            **self._state.manifest.figures(),
            "disk": shelf.size(self._folder),
            "updated": self._stamp[1] / 1e9 if self._stamp else None,
            "recent": {"files": len(changed), "tokens": sum(one.tokens for one in changed)},
        }

    def clear(self) -> None:
        """Delete the index. Raises PolyError where another process writes it and does not end."""
        self._clearing = True  # An update of ours ends.
        try:
            with self._writing, self._lock:
                shelf.delete(self._folder)
                self._changed, self._pending = {}, {}
                self._stamp = None
                self._state = State(Manifest(str(self.root)))
        finally:
            self._clearing = False

    def _publish(self, state: State) -> None:
        state.prepare()
        with self._lock:
            self._state = state
            self._stamp = self._stamp_now()
            self._forget()

    def _stamp_now(self) -> tuple[int, int, int] | None:
        """What changes whenever the manifest does; None where there is none."""
        try:
            status = (self._folder / manifests.NAME).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _load(self, stamp: tuple[int, int, int] | None) -> bool:
        """Read the manifest and what it tells of; False where another process was in between."""
        manifest = Manifest(str(self.root))
        try:
            if stamp is not None:
                manifest = manifests.load(self._folder)
        except (OSError, ValueError) as error:
            if self._stamp_now() != stamp:
                return False
            log.warning("the index of %s is made anew: %s", self.root, error)
        arrays: dict[str, Array] = {}
        damaged = []
        for name, segment in manifest.segments.items():
            try:
                known = self._state.arrays.get(name)
                arrays[name] = known or segments.load(self._folder, segment)
            except (OSError, ValueError) as error:
                if self._stamp_now() != stamp:
                    return False
                log.warning("a part of the index of %s is made anew: %s", self.root, error)
                damaged.append(name)
        state = State(manifest.without(damaged), arrays)
        state.prepare()
        self._state = state
        self._stamp = stamp
        self._forget()
        return True

    def _forget(self) -> None:
        """Drop changed files of which the index knows better, and those that are gone from both."""
        files = self._state.manifest.files

        def outdated(one: Changed) -> bool:
            entry = files.get(one.path)
            return entry.changed > one.changed if entry else not one.pieces

        self._changed = {path: one for path, one in self._changed.items() if not outdated(one)}

    def _learn(self, path: str) -> Changed | None:
        """What there is to know of a file; None where that is what is on disk of it, if anything."""
        found = walk.find(self.root, path, self._config.dependencies)
        if found is None:
            return Changed(path, 0) if path in self._state.manifest.files else None
        if found.size > _LONG:
            return None
        try:
            pieces = tuple(self._encoder.encode(read(self.root / path).text))
        except (OSError, ValueError):
            return None
        return Changed(path, found.changed, pieces)

    def _below(self, path: str) -> list[str]:
        """Files that are known below a path, if that is a folder, or was one."""
        if (self.root / path).is_file():
            return []
        known = {**self._state.manifest.files, **self._changed}
        return [one for one in known if one.startswith(path + "/")]

    def _path(self, file: str) -> str | None:
        """The path of a file from the root on; None where it lies elsewhere."""
        file = os.path.abspath(file) if ".." in file else file  # noqa: PTH100
        for root in self._roots:
            if _key(file[: len(root)]) == root and file[len(root) : len(root) + 1] in ("/", os.sep):
                return file[len(root) + 1 :].replace(os.sep, "/")
        return None


def _key(path: Path | str) -> str:
    """A path as it is compared."""
    return os.path.normcase(path)
