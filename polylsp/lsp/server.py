"""What is known of one client, and how it is answered.

Everything mutable lives here or in the parts that are made here: settings, model, schedule. What takes time
runs on the schedule's engine thread. A failure costs a suggestion, never the server.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified
from pygls.lsp.server import LanguageServer

from polylsp import __version__
from polylsp.config import Config
from polylsp.lsp import convert, protocol
from polylsp.lsp.ahead import Ahead
from polylsp.lsp.documents import Document, Documents, Place
from polylsp.lsp.edits import cursor_after
from polylsp.lsp.flight import Flight
from polylsp.lsp.indexing import Indexing
from polylsp.lsp.journaling import Journaling
from polylsp.lsp.loading import Loader, load_completer
from polylsp.lsp.pausing import Pauses
from polylsp.lsp.protocol import Protocol
from polylsp.lsp.schedule import AHEAD, Background, Schedule, Superseded
from polylsp.lsp.settings import Settings
from polylsp.lsp.status import Status
from polylsp.types import Answer, Cursor, Silence, Snapshot

if TYPE_CHECKING:
    from polylsp.completer import Completer

log = logging.getLogger(__name__)

_OTHERS = 8  # Open documents besides the one at hand that a prompt may draw on.
_MOST_CHARACTERS = 200_000  # Of a document that is drawn on, or looked at on every change.
_REMEMBERED = 64  # Documents whose order of use is known.


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a request points, as things stood when it came, and who can answer it."""

    completer: Completer
    document: Document  # The live one: it may be another version by the time of the answer.
    version: int | None
    place: Place
    cursor: Cursor


class Server(LanguageServer):
    """One client's server. `handlers.build` makes one that answers."""

    protocol: Protocol

    def __init__(self, load: Callable[[Config], Completer] = load_completer) -> None:
        self.background = Background()
        self.schedule = Schedule(turned=self._turned)
        self.journaling = Journaling(self.background)
        self.status = Status(self)
        self.recent: list[str] = []  # URIs, the last used one last.
        self.latest: dict[str, Asked] = {}  # The last request in each document.
        super().__init__(
            "polylsp",
            __version__,
            text_document_sync_kind=lsp.TextDocumentSyncKind.Incremental,
            notebook_document_sync=lsp.NotebookDocumentSyncOptions(
                [lsp.NotebookDocumentFilterWithNotebook("*")]
            ),
            protocol_cls=Protocol,
            converter_factory=protocol.converter,
        )
        self.model = Loader(self, self.schedule, self.background, self._model_changed, load)
        self.settings = Settings(self, self._configure)
        self.pauses = Pauses(self.settings)
        self.ahead = Ahead(
            self.schedule, self.background, self._computed, self._with_others, self._ready
        )
        self.indexing = Indexing(
            self, self.background, lambda: self.schedule.busy, self.ahead.power
        )

    @property
    def documents(self) -> Documents:
        workspace = self.workspace
        assert isinstance(workspace, Documents)
        return workspace

    def asked(
        self,
        uri: str,
        position: lsp.Position,
        selected: lsp.SelectedCompletionInfo | None = None,
    ) -> Asked | None:
        """Where a request points, here and now: the next message may change the document.

        None where there is nothing to suggest: no model, no open document, or an entry selected in a
        completion list that could not be gone on from.
        """
        document, completer = self.documents.find(uri), self.model.completer
        if document is None or completer is None:
            return None
        self.touch(document.uri)
        try:
            cursor, place = convert.cursor(self.documents, document, position)
            if selected is not None:
                moved = convert.with_selected(cursor, place, selected, document)
                if moved is None:
                    return None
                cursor = moved
        except Exception as error:
            self._failed(error)
            return None
        asked = Asked(completer, document, document.version, place, cursor)
        self.latest[document.uri] = asked
        return asked

    def again(self, asked: Asked, cursor: Cursor, place: Place) -> Asked:
        """The same request at another cursor, in the document as it stands."""
        return replace(asked, version=asked.document.version, place=place, cursor=cursor)

    async def answer(self, asked: Asked, kind: str, explicit: bool) -> Answer:
        """What to suggest; nothing where something of ours fails, as editors show errors as popups.

        Raises JsonRpcContentModified where it would come too late.
        """
        began = time.perf_counter()
        try:
            answer = await self._answer(asked, kind, explicit)
        except Superseded:
            raise JsonRpcContentModified("superseded") from None
        except Exception as error:
            answer = self._failed(error)
        if self._is_stale(asked):
            raise JsonRpcContentModified("the document has changed")
        asked.completer.screen.show(asked.cursor, answer.suggestions)
        self.status.show(asked.document.uri, answer.suggestions)
        self.journaling.shown(
            self.documents,
            asked.document,
            asked.cursor,
            answer,
            asked.completer.model.name,
            time.perf_counter() - began,
        )
        asyncio.get_running_loop().call_soon(self._go_on, asked, answer)  # The answer comes first.
        return answer

    def _go_on(self, asked: Asked, answer: Answer) -> None:
        """Work behind an answer that has left."""
        if not self._is_stale(asked):
            self.ahead.answered(asked.completer, asked.cursor, answer)
        self.status.tell()

    async def _answer(self, asked: Asked, kind: str, explicit: bool) -> Answer:
        completer, cursor, uri = asked.completer, asked.cursor, asked.document.uri
        if self._is_stale(asked):
            raise Superseded
        if self.pauses.cover(cursor.snapshot):
            self.schedule.supersede(uri)
            return completer.stats.note(Answer((), Silence.PAUSED))
        found = completer.find(cursor, explicit=explicit) if self.model.in_force else None
        if found is not None:
            self.schedule.supersede(uri, cursor)
            return found
        return await self._computed(completer, cursor, kind, Flight(cursor, explicit))

    async def _computed(
        self, completer: Completer, cursor: Cursor, kind: str, flight: Flight
    ) -> Answer:
        """What the model says, once it is its turn. Raises Superseded."""
        uri = cursor.snapshot.uri
        others = self.others(uri)
        return await self.schedule.newest(
            uri,
            kind,
            lambda cancelled: completer.complete(
                cursor,
                others,
                explicit=flight.explicit,
                cancelled=cancelled,
                said=flight.say,
                asked=kind != AHEAD,
                supposed=flight.supposed,
            ),
            flight,
        )

    def changed(
        self, document: Document, changes: Sequence[lsp.TextDocumentContentChangeEvent]
    ) -> None:
        """End what the changes have made pointless, and begin with what will be asked for next."""
        completer, now = self.model.completer, None
        if completer is not None and len(document.source) <= _MOST_CHARACTERS:
            now = cursor_after(self.documents, document, changes)
        self.schedule.supersede(document.uri, now)
        self.indexing.typed(document.uri)
        self.journaling.changed(self.documents, document, changes, now)
        if completer is not None and now is not None:
            completer.screen.move(now)
            if not self.pauses.cover(now.snapshot):
                self.ahead.typed(now)

    def opened(self, uri: str, position: lsp.Position | None = None) -> None:
        """A document was opened or shown; `position`: of the cursor in it."""
        document = self.documents.find(uri)
        if document is None or len(document.source) > _MOST_CHARACTERS:
            return
        self.touch(document.uri)
        offset = None
        if position is not None:
            offset = convert.cursor(self.documents, document, position)[0].offset
        self.ahead.shown(document.uri, offset)
        self.status.tell()

    def _with_others(self, uri: str) -> tuple[Snapshot, list[Snapshot]] | None:
        """An open document, and the others."""
        document = self.documents.find(uri)
        if document is None or len(document.source) > _MOST_CHARACTERS:
            return None
        return convert.snapshot(self.documents, document), self.others(uri)

    def _ready(self) -> Completer | None:
        """Who answers under the settings of now."""
        return self.model.completer if self.model.in_force else None

    def _is_stale(self, asked: Asked) -> bool:
        document = asked.document
        return document.version != asked.version or (
            self.documents.find(document.uri) is not document
        )

    def _failed(self, error: Exception) -> Answer:
        self.report_server_error(error, "a suggestion failed")
        answer = Answer((), Silence.ERROR)
        completer = self.model.completer
        return completer.stats.note(answer) if completer else answer

    def others(self, uri: str) -> list[Snapshot]:
        """The other open documents, the last used first."""
        documents = self.documents
        notebook = documents.get_notebook_document(cell_uri=uri)
        cells = [cell.document for cell in notebook.cells] if notebook else []
        passed = [documents.find(one) for one in (uri, *cells)]
        others = [
            one
            for one in map(documents.find, reversed(self.recent))
            if one is not None and one not in passed and len(one.source) <= _MOST_CHARACTERS
        ]
        return [convert.snapshot(documents, one) for one in others[:_OTHERS]]

    def touch(self, uri: str) -> None:
        """Note that the user is at work in a document."""
        self.model.used()
        if uri in self.recent:
            self.recent.remove(uri)
        self.recent.append(uri)
        del self.recent[:-_REMEMBERED]

    def forget(self, uri: str) -> None:
        """Drop what is known of a document that was closed."""
        self.schedule.supersede(uri)
        self.ahead.forget(uri)
        self.journaling.closed(uri)
        self.indexing.closed(uri)
        self.status.forget(uri)
        self.latest.pop(uri, None)
        if uri in self.recent:
            self.recent.remove(uri)
        if (completer := self.model.completer) is not None:
            completer.screen.forget(uri)
            self.background.start(self.schedule.run(lambda: completer.forget(uri)))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """To the log, and never as a popup. Messages of unknown errors may hold source text."""
        log.error("%s: %s", getattr(source, "__name__", source), type(error).__name__)
        log.debug("the error", exc_info=error)

    def follow_folders(self) -> None:
        """Have the folders remembered that the client has open."""
        self.indexing.follow(
            self.model.completer, convert.folders(self.documents), self.settings.config
        )

    def _turned(self) -> None:
        """Somebody waits for an answer now, or nobody does any more."""
        if self.schedule.busy:
            self.indexing.disturb()
        self.status.tell()

    def _model_changed(self) -> None:
        self.latest.clear()  # They hold the last model.
        self.follow_folders()
        self.status.tell()
        if self.model.state == "ready" and self.recent:  # Editors open documents before it is.
            self.ahead.shown(self.recent[-1])

    def _configure(self, config: Config) -> None:
        self.model.configure(config)
        self.journaling.configure(config.stats.enabled)
        self.follow_folders()
        self.status.tell()
