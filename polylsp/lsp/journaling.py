"""Between the documents and the journal of what became of suggestions: what is told it, and when it is kept.

Files are read and written on threads, at most once a minute, and at the end. That this fails costs numbers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lsprotocol import types as lsp

from polylsp.errors import PolyError
from polylsp.journal import store
from polylsp.journal.counts import Counts, add
from polylsp.journal.keeper import Journal, summary
from polylsp.lsp import convert
from polylsp.lsp.documents import Document, Documents
from polylsp.lsp.schedule import Background
from polylsp.types import Answer, Cursor, Snapshot

log = logging.getLogger(__name__)

_EVERY = 60.0  # Seconds between two times that something is saved.
_AT_FIRST = 1.0  # Seconds until what is kept is read: nothing of that may hold up the start.
_MOST_CHARACTERS = 200_000  # Of a document that is followed.
_DAYS = 30  # That the status tells of.


class Journaling:
    """The journal of one server, and its place on disk; nothing at all where that is switched off."""

    def __init__(self, background: Background) -> None:
        self._journal = Journal(store.today, self._later)
        self._background = background
        self._on = False
        self._kept: Counts = {}  # By all servers, as far as this one has read.
        self._saving: Counts = {}
        self._timer: asyncio.TimerHandle | None = None
        self._file = asyncio.Lock()
        self._complained = False

    def configure(self, enabled: bool) -> None:
        """Count from now on; or forget what is not saved yet, and count no more."""
        was_on, self._on = self._on, enabled
        if enabled and not was_on:
            self._save_in(_AT_FIRST)
        elif not enabled:
            self._journal.clear()
            self._kept = {}
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def shown(
        self,
        documents: Documents,
        document: Document,
        cursor: Cursor,
        answer: Answer,
        model: str,
        seconds: float,
    ) -> None:
        """Note what an editor was answered at `cursor`, after how long."""
        if not self._on or len(document.source) > _MOST_CHARACTERS:
            return
        with self._safely():
            cursor, entry = _real(cursor, convert.snapshot(documents, document))
            texts = [entry + one.text for one in answer.suggestions]
            self._journal.show(cursor, texts, model, seconds * 1000)

    def changed(
        self,
        documents: Documents,
        document: Document,
        changes: Sequence[lsp.TextDocumentContentChangeEvent],
        now: Cursor | None,
    ) -> None:
        """Note changes that have come over a document; `now` is where the cursor is likely to stand."""
        uri = document.uri
        if not self._journal.follows(uri):
            return
        with self._safely():
            text = now.snapshot.text if now else convert.snapshot(documents, document).text
            partial = lsp.TextDocumentContentChangePartial
            inserted = [_tidy(one.text) for one in changes if isinstance(one, partial)]
            known = inserted if len(inserted) == len(changes) else ()
            self._journal.change(uri, text, now.offset if now else None, known)

    def accepted(self) -> None:
        """An editor tells that the last suggestion was accepted."""
        self._journal.confirm()

    def closed(self, uri: str) -> None:
        """A document was closed."""
        self._journal.forget(uri)

    async def end(self) -> None:
        """The server ends: save what there is."""
        self._journal.end()
        if self._on and self._journal.counts:
            await self._save()

    def summary(self) -> dict[str, Any] | None:
        """What became of suggestions today and lately, all servers' together; None where nobody counts."""
        if not self._on:
            return None
        day = store.today()
        counts = (self._kept, self._saving, self._journal.so_far())
        return summary(counts, day, store.before(day, _DAYS - 1))

    @contextlib.contextmanager
    def _safely(self) -> Iterator[None]:
        """Count, and see that it is saved before long; a failure costs numbers, never a suggestion."""
        try:
            yield
        except Exception as error:
            self._journal.clear()
            log.error("counting failed: %s", type(error).__name__)  # noqa: TRY400
            log.debug("the error", exc_info=True)
        self._soon()

    def _later(self, seconds: float, function: Callable[[], None]) -> None:
        def then() -> None:
            function()
            self._soon()

        asyncio.get_running_loop().call_later(seconds, then)

    def _soon(self) -> None:
        """See that what was counted is saved before long."""
        if self._journal.counts:
            self._save_in(_EVERY)

    def _save_in(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._save_now)

    def _save_now(self) -> None:
        self._timer = None
        self._background.start(self._save())

    async def _save(self) -> None:
        async with self._file:
            self._saving = self._journal.take()
            try:
                self._kept = await asyncio.to_thread(_saved, self._saving)
            except PolyError as error:
                self._failed(error)
            finally:
                self._saving = {}

    def _failed(self, error: PolyError) -> None:
        """Keep the numbers for the next time."""
        if self._on:
            add(self._journal.counts, self._saving)
        log.log(logging.DEBUG if self._complained else logging.WARNING, "%s", error)
        self._complained = True


def _saved(counts: Counts) -> Counts:
    """What is kept of the last days once `counts` are, too. Raises PolyError."""
    day = store.today()
    if counts:
        store.save(counts, day)
    return store.load(store.before(day, _DAYS - 1))


def _real(cursor: Cursor, document: Snapshot) -> tuple[Cursor, str]:
    """Where a cursor stands in the document as it is, and what of a list's selected entry is shown there."""
    entry = max(0, len(cursor.snapshot.text) - len(document.text))
    offset = cursor.offset - entry
    return Cursor(document, offset), cursor.snapshot.text[offset : cursor.offset]


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
