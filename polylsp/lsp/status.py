"""What a client is told of its server: all of it when it asks, and what it shows whenever that changes.

While somebody types that changes at every key, and more than once. Clients are told of what lasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from polylsp import __version__
from polylsp.lsp import convert, protocol
from polylsp.types import Suggestion

if TYPE_CHECKING:
    from polylsp.lsp.server import Server

_FIGURES = {"lastMilliseconds", "lastSilence"}
_CALM = 0.5  # Seconds after which clients are told of figures,
_BUSY = 0.05  # that the server computes,
_READY = 0.0001  # and that it does not any more: once the answer has left.


class Status:
    """Of one client's server; see docs/protocol.md. Used from the event loop alone."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._told: dict[str, Any] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due: dict[float, float] = {}  # When what has lasted so long is told.
        self._origins: dict[str, dict[str, Any]] = {}  # Of what was shown last, by its document.

    def whole(self) -> dict[str, Any]:
        """What `polylsp/status` answers."""
        server, counted = self._server, {}
        if (completer := server.model.completer) is not None:
            counted = {**completer.stats.summary(), "megabytes": completer.memory()}
        return {
            "version": __version__,
            **counted,
            **self._shown(),
            "memory": self._memory(),
            "statistics": server.journaling.summary(),
        }

    def tell(self) -> None:
        """Have clients that asked for it told, if they would show anything else than before."""
        experimental = self._server.client_capabilities.experimental
        if not isinstance(experimental, dict) or not experimental.get(protocol.STATUS_CAPABILITY):
            return
        loop = asyncio.get_running_loop()
        wait = self._wait()
        if not wait:
            self._tell_now()
            return
        if wait == _CALM:
            self._due.pop(_BUSY, None)  # It did not last.
        self._drop_timer()
        self._timer = loop.call_at(self._due.setdefault(wait, loop.time() + wait), self._tell_now)

    def _wait(self) -> float:
        """For how many seconds what would be shown now must have lasted."""
        told, shown = self._told, self._shown()
        changed = {name for name in shown if shown[name] != told.get(name)}
        if changed <= _FIGURES:
            return _CALM
        turns = {("ready", "busy"): _BUSY, ("busy", "ready"): _READY}
        turned = turns.get((told.get("state", ""), shown["state"]), 0.0)
        return turned if changed <= {"state", *_FIGURES} else 0.0

    def _tell_now(self) -> None:
        self._drop_timer()
        self._due.clear()
        shown = self._shown()
        if shown != self._told:
            self._told = shown
            self._server.protocol.notify(protocol.STATUS, self.whole())

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def show(self, uri: str, suggestions: Sequence[Suggestion]) -> None:
        """Note what is shown in a document, the best first."""
        if suggestions:
            self._origins[uri] = _origin(suggestions)

    def remembered(self, uri: str) -> dict[str, Any]:
        """How much of what was shown last in a document the memory gave, and where that stands."""
        return self._origins.get(uri) or _origin(())

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document."""
        self._origins.pop(uri, None)

    def _shown(self) -> dict[str, Any]:
        """What clients show of it: looked at after every answer, and more often."""
        server, state = self._server, self._server.model.state
        completer, paused = server.model.completer, self._paused()
        if state == "ready" and paused:
            state = "paused"
        elif state == "ready" and server.schedule.busy:
            state = "busy"
        return {
            "state": state,
            "message": server.model.message,
            "pausedBy": paused,
            "paused": server.pauses.summary(),
            "model": completer.model.name if completer else None,
            "lastMilliseconds": completer.stats.last_milliseconds if completer else None,
            "lastSilence": completer.stats.silence if completer else server.model.silence.value,
        }

    def _paused(self) -> str:
        """What pauses the document that was used last, or all of them."""
        server = self._server
        uri = server.recent[-1] if server.recent else ""

        def language() -> str:
            document = server.documents.find(uri) if server.model.completer else None
            return convert.snapshot(server.documents, document).language if document else ""

        return server.pauses.over(uri, language)

    def _memory(self) -> dict[str, Any]:
        server, config = self._server, self._server.settings.config.memory
        completer = server.model.completer
        return {
            "enabled": config.enabled,
            "workspace": config.workspace,
            "folders": server.indexing.folders(),
            "message": server.indexing.message,
            **_origin(completer.stats.last.suggestions if completer else ()),
        }


def _origin(suggestions: Sequence[Suggestion]) -> dict[str, Any]:
    if not suggestions:
        return {"share": 0.0, "origin": ""}
    return {"share": round(suggestions[0].memory, 4), "origin": suggestions[0].origin}
