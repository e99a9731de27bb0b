"""Where the user wants no suggestions for a while: everywhere, in a language, in a file.

A pause lasts as long as the server, or until settings change for one of everything; settings are for what is
to last longer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from polylsp.lsp.settings import Settings
from polylsp.types import Snapshot

EVERYWHERE, LANGUAGE, FILE = "everywhere", "language", "file"
SCOPES = (EVERYWHERE, LANGUAGE, FILE)


class Pauses:
    """What is paused by one client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._languages: set[str] = set()
        self._files: set[str] = set()  # Documents' URIs.

    def set(self, scope: str, paused: bool, language: str = "", uri: str = "") -> None:
        """Pause, or go on: everywhere, in a language, or in a file."""
        if scope == EVERYWHERE:
            self._settings.enable(not paused)
            return
        names, name = {LANGUAGE: (self._languages, language), FILE: (self._files, uri)}[scope]
        if paused:
            names.add(name)
        else:
            names.discard(name)

    def over(self, uri: str, language: Callable[[], str]) -> str:
        """What pauses a document: the widest scope that does, or "". Its language is asked for only if need be."""
        config = self._settings.config
        if not config.enabled:
            return EVERYWHERE
        languages = self._languages.union(config.disabled_languages)
        if uri and languages and language() in languages:
            return LANGUAGE
        return FILE if uri in self._files else ""

    def cover(self, snapshot: Snapshot) -> bool:
        """Whether a document is paused by its language or by itself; settings are the completer's."""
        return snapshot.language in self._languages or snapshot.uri in self._files

    def summary(self) -> dict[str, Any]:
        """For the status."""
        return {
            "everywhere": not self._settings.config.enabled,
            "languages": sorted(self._languages),
            "files": sorted(self._files),
        }
