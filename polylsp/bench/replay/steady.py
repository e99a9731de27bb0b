"""Type a piece where every key waits for its answer, so that nothing depends on how fast the machine is.

The ideal user: looks at every suggestion, takes it when it is what the file says and worth a key, else types
on without a typo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from polylsp.bench.replay.pieces import Piece
from polylsp.bench.replay.record import Show, Typed
from polylsp.bench.replay.rules import taken
from polylsp.bench.replay.workspaces import settle
from polylsp.client.editor import AUTOMATIC, Editor


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer; its text is "" for nothing."""

    text: str
    confidence: float | None = None


class Source(Protocol):
    """Who is asked at every key."""

    def open(self, piece: Piece) -> None: ...
    def put(self, at: int, text: str) -> None: ...
    def ask(self, at: int) -> Offer: ...
    def close(self) -> None: ...


class Server:
    """polylsp's server. Time plays no part: a slow machine gets the answers that a fast one gets."""

    def __init__(
        self, settings: dict[str, Any], environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it. Raises PolyError where it gets no model."""
        told = {**settings, "engine": {"budget": 60_000}}
        self._editor = Editor(told, environment=environment)
        self._uri = ""
        try:
            self.model: str = self._editor.wait_until_ready()["model"]
        except Exception:
            self._editor.quit()
            raise

    def work_in(self, folder: Path) -> None:
        """Have `folder` as the workspace, remembered as a whole."""
        settle(self._editor, folder)

    def open(self, piece: Piece) -> None:
        self._uri = piece.uri
        self._editor.open(piece.uri, "", piece.opened)

    def put(self, at: int, text: str) -> None:
        self._editor.replace(self._uri, at, at, text)

    def ask(self, at: int) -> Offer:
        answer = self._editor.ask(self._uri, at, AUTOMATIC).result(120)
        item = next(iter((answer or {}).get("items", [])), None)
        if item is None:
            return Offer("")
        told = (item.get("command") or {}).get("arguments") or []
        return Offer(item["insertText"], told[1] if len(told) > 1 else None)

    def close(self) -> None:
        self._editor.close(self._uri)

    def quit(self) -> None:
        self._editor.quit()


def play(source: Source, piece: Piece, rule: str = "full") -> Typed:
    """Type one piece."""
    typed = Typed(piece)
    source.open(piece)
    at, text = piece.start, piece.text
    show: Show | None = None
    rest = ""  # What is left of `show`.
    while at < piece.end:
        offer = source.ask(at)
        if offer.text:
            typed.offered.add(at)
            if show is None or offer.text != rest:
                typed.flickers += show is not None and not offer.text.startswith(rest)
                right = text.startswith(offer.text, at)
                show = Show(at, offer.text, right, offer.confidence)
                typed.shows.append(show)
        part = taken(offer.text, text, at, rule)
        if part and show is not None:
            show.accepted += min(len(part), piece.end - at)
            typed.accepts += 1
        put = part or text[at]
        source.put(at, put)
        rest = offer.text[len(put) :] if offer.text.startswith(put) else ""
        show = show if rest else None
        at += len(put)
        typed.last += 1
    source.close()
    return typed
