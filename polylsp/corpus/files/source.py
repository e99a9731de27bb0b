"""One file on its way through the steps. It never changes: a step makes another of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

KEPT = "kept"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a package, and what was decided about it so far."""

    package: str  # As in `debian:libuv1`, without a version.
    version: str
    path: str  # Within the package, with "/".
    size: int  # Bytes, as it was found.
    language: str = ""  # One of the twelve.
    declared: str = ""  # The licence that its package declares for this place.
    licence: str = ""
    content: bytes = b""  # As it was found; empty once it is text.
    text: str = ""
    sha256: str = ""  # Of the text as it is kept; of the content where it is not.
    decision: str = KEPT  # Or the step that dropped it.
    changes: tuple[str, ...] = ()  # What was mended: "line ends", "secret".

    @property
    def kept(self) -> bool:
        return self.decision == KEPT

    def dropped(self, step: str) -> SourceFile:
        return replace(self, decision=step, content=b"", text="")

    def changed(self, text: str, *changes: str) -> SourceFile:
        return replace(self, text=text, content=b"", changes=(*self.changes, *changes))
