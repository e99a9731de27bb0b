"""The workspace's folders, and when what is remembered of them is brought up to date.

That happens on a thread of its own, when there is `quiet`; what was done halfway goes on later. The thread has the
process's low priority and no lower one: on a busy machine everybody would wait for the interpreter's lock until it
gets its turn (measured: 1 s instead of 45 ms). How the memory is kept is no matter here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from polylsp.config import Config
from polylsp.lsp import convert
from polylsp.lsp.power import Power
from polylsp.lsp.progress import Gradual
from polylsp.lsp.quiet import Halted, Quiet
from polylsp.lsp.register import register
from polylsp.lsp.schedule import Background, Schedule

if TYPE_CHECKING:
    from polylsp.completer import Completer

log = logging.getLogger(__name__)

_SAVED = 60.0  # Seconds between two updates, where only files were saved that are learnt already.
_AT_WORK = 300.0  # The same while somebody types: not every client tells of what changes on disk.
_OTHERS = 3.0  # Seconds until it is looked whether another process has done it.
_MANY = 16  # Files that change together and are learnt one by one; more are left to an update.
_END = 1.0  # Seconds that the server's end waits for the file at hand.
_IGNORES = ".gitignore"


class Indexing:
    """Keeps `completer.library` what the folders hold. Used from the event loop alone."""

    def __init__(
        self,
        client: LanguageServer,
        background: Background,
        busy: Callable[[], bool],
        power: Power,
    ) -> None:
        """`busy()`: whether somebody waits for an answer."""
        self.message = ""  # Why the index cannot be written.
        self._client = client
        self._background = background
        self._quiet = Quiet(self._update, background, busy, power)
        self._thread = Schedule(thread="index")
        self._wanted: tuple[object, ...] = ()  # What `follow` was told last.
        self._completer: Completer | None = None  # None where nothing is to be remembered.
        self._roots: tuple[str, ...] = ()
        self._off: list[str] = []  # The client's other folders.
        self._held: list[dict[str, Any]] = []  # As the library told last.
        self._changed: dict[str, None] = {}  # Files that are to be learnt, in the order they came.
        self._unsaved: set[str] = set()
        self._many = False  # So many have changed that an update does it.
        self._learning = self._elsewhere = self._watched = False

    def follow(self, completer: Completer | None, folders: Iterable[str], config: Config) -> None:
        """Remember these folders (URIs) and no others, by what `completer` has for it, if settings say so."""
        roots = list(filter(None, map(convert.file_of, folders)))
        on = config.enabled and config.memory.enabled and config.memory.workspace
        wanted = (completer, roots, on, config.memory)
        if wanted == self._wanted:
            return
        before, self._wanted = self._completer, wanted
        self._completer = completer if on else None
        if before is not None and before is not self._completer:
            self._background.start(self._thread.run(partial(before.library.folders, [])))
        self._off, self._held, self.message, self._elsewhere = roots, [], "", False
        self._roots = ()
        if self._completer is not None:
            usable = [root for root in roots if not _too_much(Path(root))]
            self._off = [root for root in roots if root not in usable]
            self._roots = tuple(usable)
            self._background.start(self._open(self._completer, usable))
        self._all_changed()
        self._watch()

    def typed(self, uri: str) -> None:
        """A document was edited: somebody is at work."""
        if file := convert.file_of(uri):
            self._unsaved.add(file)
        self._quiet.disturb()
        if self._roots:
            self._quiet.want(_AT_WORK)

    def disturb(self) -> None:
        """Somebody waits for something else."""
        self._quiet.disturb()

    def saved(self, uri: str) -> None:
        """A document was saved."""
        self._unsaved.discard(convert.file_of(uri))
        self.changed([uri])

    def closed(self, uri: str) -> None:
        """A document was closed: what it holds on disk counts again."""
        if (file := convert.file_of(uri)) in self._unsaved:
            self._unsaved.discard(file)
            self.changed([uri])

    def changed(self, uris: Iterable[str]) -> None:
        """Files were changed, made or deleted."""
        files = [file for uri in uris if self._holds(file := convert.file_of(uri))]
        if not files:
            return
        self._changed.update(dict.fromkeys(files))
        ignores = any(file.endswith(f"/{_IGNORES}") for file in files)
        if ignores or self._many or len(self._changed) > _MANY:
            self._all_changed()
        elif not self._learning:
            self._learning = True
            self._background.start(self._learn())

    async def clear(self) -> None:
        """Forget what was kept of these folders, and look at them anew. Raises PolyError."""
        if (completer := self._completer) is not None:
            self._quiet.interrupt()
            try:
                await self._thread.run(completer.library.clear)
            finally:
                self._held = []
                self._all_changed()

    async def end(self) -> None:
        """The server ends: leave nothing half written."""
        self._completer, self._roots = None, ()
        self._quiet.drop()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._thread.run(lambda: None), _END)

    def folders(self) -> list[dict[str, Any]]:
        """What is remembered of each folder; see docs/protocol.md."""
        state = "reading" if self._quiet.wanted else "ready"
        if self._elsewhere:
            state = "another process is at it"
        off = {"files": 0, "lines": 0, "tokens": 0, "megabytes": 0.0, "state": "off"}
        return [_figures(one, state) for one in self._held] + [
            {"path": root, **off} for root in self._off
        ]

    def _holds(self, file: str) -> bool:
        return any(file.startswith(root.rstrip("/") + "/") for root in self._roots)

    def _all_changed(self) -> None:
        """Look at every file, once they have come to rest."""
        self._changed.clear()
        self._many = bool(self._roots)
        self._quiet.disturb()
        if self._roots:
            self._quiet.want()
        else:
            self._quiet.drop()

    async def _open(self, completer: Completer, roots: Iterable[str]) -> None:
        await self._thread.run(partial(completer.library.folders, list(map(Path, roots))))
        await self._count(completer)

    async def _count(self, completer: Completer) -> None:
        held = await self._thread.run(completer.library.status)
        if completer is self._completer:
            self._held = held

    async def _learn(self) -> None:
        """The files that changed, one by one: an update makes way."""
        try:
            while self._changed and (completer := self._completer) is not None:
                file = next(iter(self._changed))
                del self._changed[file]
                self._quiet.interrupt()
                await self._thread.run(partial(completer.library.changed, Path(file)))
        finally:
            self._learning = False
        if self._roots:
            self._quiet.want(_SAVED)

    async def _update(self, halted: Halted) -> float:
        if (completer := self._completer) is None:
            return math.inf
        self._many = False
        shown = Gradual(self._client, self._background, "remembering the workspace")
        try:
            work = partial(completer.library.update, halted, shown.say)
            ended = await self._thread.run(work)
            await self._count(completer)
        finally:
            await shown.end()
        if completer is self._completer:
            self.message, self._elsewhere = ended.problem, ended.busy
        return _OTHERS if ended.busy else math.inf

    def _watch(self) -> None:
        """Once there is something to watch, ask to be told when it changes."""
        if self._watched or not self._roots:
            return
        from polylsp.completer import endings  # There is a model by now, so this is loaded.

        self._watched = True
        suffixes = ",".join(end[1:] for end in endings() if end.startswith("."))
        names = ",".join([_IGNORES, *(end for end in endings() if not end.startswith("."))])
        globs = (f"**/*.{{{suffixes}}}", f"**/{{{names}}}")
        watchers = [lsp.FileSystemWatcher(glob) for glob in globs]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        self._background.start(register(self._client, "did_change_watched_files", method, options))


def _figures(held: dict[str, Any], state: str) -> dict[str, Any]:
    """What is told of one folder."""
    figures = {name: held[name] for name in ("files", "lines", "tokens")}
    megabytes = round(held["disk"] / 1e6, 2)
    return {"path": held["root"], **figures, "megabytes": megabytes, "state": state}


def _too_much(folder: Path) -> bool:
    """Whether it is a home folder or one around that, as a file system's root is: not what one project is."""
    try:
        folder, home = folder.resolve(), Path.home().resolve()
    except (OSError, RuntimeError):
        home = folder
    if not (folder == folder.parent or home.is_relative_to(folder)):
        return False
    log.warning("%s is not indexed, as it is no single project: open that project's folder", folder)
    return True
