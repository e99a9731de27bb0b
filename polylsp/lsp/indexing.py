"""The workspace's folders, and when what is remembered of them is brought up to date.

That happens on a thread of its own, behind everything else. It rests while somebody types or waits for an
answer, and on battery; what was done halfway goes on later. Where the memory itself is kept is no matter here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from polylsp.lsp import convert
from polylsp.lsp.power import Power, step_behind
from polylsp.lsp.progress import Gradual
from polylsp.lsp.register import register
from polylsp.lsp.schedule import Background, Schedule

if TYPE_CHECKING:
    from polylsp.completer import Completer

log = logging.getLogger(__name__)

_QUIET = 2.0  # Seconds without a key, an answer or a change on disk, before anything long begins.
_SAVED = 60.0  # Seconds between two updates, where only files were saved that are learnt already.
_AT_WORK = 300.0  # The same while somebody types: not every client tells of what changes on disk.
_LOOK_AGAIN = 30.0  # Seconds, on battery.
_MANY = 16  # Files that changed together; more are learnt all at once, when they have come to rest.
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
        self._client = client
        self._background = background
        self._busy = busy
        self._power = power
        self._thread = Schedule(name="index", begin=step_behind)
        self._completer: Completer | None = None
        self._folders: tuple[str, ...] = ()
        self._changed: dict[str, None] = {}  # Files that are to be learnt, in the order they came.
        self._many = False  # So many that all are looked at instead.
        self._unsaved: set[str] = set()
        self._learning = self._updating = self._watched = False
        self._halted = threading.Event()
        # On the loop's clock:
        self._due = math.inf  # When the next update may begin.
        self._rested = 0.0  # When there will have been quiet for long enough.
        self._updated = -math.inf
        self._timer: asyncio.TimerHandle | None = None

    def follow(self, completer: Completer | None, folders: Iterable[str]) -> None:
        """Remember these folders (URIs) and no others, by what `completer` has for it; nothing without one."""
        wanted = tuple(filter(None, map(convert.file_of, folders))) if completer else ()
        before = self._completer
        if (before, self._folders) == (completer, wanted):
            return
        self._completer, self._folders = completer, wanted
        if before is not None and before is not completer:
            self._do(partial(_open, before, ()))
        if completer is not None:
            self._do(partial(_open, completer, wanted))
        self._all_changed()
        if wanted and not self._watched:
            self._watched = True
            self._background.start(self._watch())

    def typed(self, uri: str) -> None:
        """A document was edited: somebody is at work."""
        if file := convert.file_of(uri):
            self._unsaved.add(file)
        self.rest()
        self._due = min(self._due, self._updated + _AT_WORK)
        self._plan()

    def rest(self) -> None:
        """Somebody waits for something else: stop, and go on when there is quiet."""
        self._halted.set()
        self._rested = asyncio.get_running_loop().time() + _QUIET

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
        """Forget what was kept of these folders, and look at them anew."""
        if (completer := self._completer) is not None:
            self.rest()
            await self._thread.run(completer.library.clear)
            self._all_changed()

    async def end(self) -> None:
        """The server ends: leave nothing half written."""
        self._completer, self._folders = None, ()
        self._halted.set()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._thread.run(lambda: None), _END)

    def status(self) -> list[dict[str, Any]]:
        """What is remembered of each folder."""
        return self._completer.library.status() if self._completer is not None else []

    def _holds(self, file: str) -> bool:
        return any(file.startswith(folder.rstrip("/") + "/") for folder in self._folders)

    def _do(self, work: Callable[[], object]) -> None:
        """Have it done in its turn."""
        self._background.start(self._thread.run(work))

    def _all_changed(self) -> None:
        """Look at every file, once they have come to rest."""
        self._changed.clear()
        self._many = bool(self._folders)
        self._due = -math.inf
        self.rest()
        self._plan()

    def _plan(self) -> None:
        """See that the next update begins when it may: one timer, however often somebody types."""
        begin = max(self._due, self._rested)
        if self._updating or not self._folders or begin == math.inf:
            return
        if self._timer is None or self._timer.when() > begin:
            self._look_at(begin)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        if self._busy():
            self.rest()
        if max(self._due, self._rested) > now:
            self._plan()
        elif self._power.on_battery():
            self._look_at(now + _LOOK_AGAIN)
        elif self._completer is not None and not self._updating:
            self._updating = True
            self._background.start(self._update(self._completer))

    async def _learn(self) -> None:
        """The files that changed, one by one: an update makes way."""
        try:
            while self._changed and (completer := self._completer) is not None:
                file = next(iter(self._changed))
                del self._changed[file]
                self._halted.set()
                await self._thread.run(partial(completer.library.changed, Path(file)))
        finally:
            self._learning = False
        self._due = min(self._due, self._updated + _SAVED)
        self._plan()

    async def _update(self, completer: Completer) -> None:
        loop, shown = (
            asyncio.get_running_loop(),
            Gradual(self._client, self._background, "remembering the workspace"),
        )
        self._halted, self._many, self._due = threading.Event(), False, math.inf
        work = partial(completer.library.update, self._halted.is_set, shown.say)
        try:
            await self._thread.run(work)
        finally:
            await shown.end()
            self._updating, self._updated = False, loop.time()
            if self._halted.is_set():  # There is more of it.
                self._due = -math.inf
        self._plan()

    async def _watch(self) -> None:
        from polylsp.completer import endings  # It is loaded by now.

        suffixes = ",".join(end[1:] for end in endings() if end.startswith("."))
        names = ",".join([_IGNORES, *(end for end in endings() if not end.startswith("."))])
        globs = (f"**/*.{{{suffixes}}}", f"**/{{{names}}}")
        watchers = [lsp.FileSystemWatcher(glob) for glob in globs]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        await register(self._client, "did_change_watched_files", method, options)


def _open(completer: Completer, folders: Iterable[str]) -> None:
    """Have these folders remembered, except where that would be half a disk."""
    paths = [Path(folder) for folder in folders]
    for path in paths:
        if _too_much(path):
            log.warning(
                "%s is not indexed, as it holds your home folder: open a project's own folder", path
            )
    completer.library.folders([path for path in paths if not _too_much(path)])


def _too_much(folder: Path) -> bool:
    """Whether it is the file system's root, the home folder, or one around that."""
    try:
        real, home = folder.resolve(), Path.home().resolve()
    except (OSError, RuntimeError):
        return True
    return real == real.parent or home.is_relative_to(real)
