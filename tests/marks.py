"""Marked source: `█` is the cursor, `⟦ … ⟧` a span.

`cursor("def f(x):\n    return █")` reads better than an offset, and cannot be off by one.
"""

from __future__ import annotations

import re

from polylsp.syntax.languages import LANGUAGES
from polylsp.types import Cursor, Snapshot, Span

CURSOR = "█"
_SPAN = re.compile("⟦(.*?)⟧", re.DOTALL)
_EXTENSIONS = {language.name: language.extensions[0] for language in LANGUAGES}


def snapshot(text: str, language: str = "python", path: str = "", version: int = 1) -> Snapshot:
    """A document; its path is made up where none is given."""
    path = path or "file" + _EXTENSIONS.get(language, ".txt")
    return Snapshot.of(f"file:///code/{path}", version, language, text, path)


def cursor(marked: str, language: str = "python", path: str = "") -> Cursor:
    """The cursor at the one `█` of `marked`."""
    before, mark, behind = marked.partition(CURSOR)
    assert mark, f"no {CURSOR} in the marked source"
    assert CURSOR not in behind, f"more than one {CURSOR} in the marked source"
    return Cursor(snapshot(before + behind, language, path), len(before))


def shown(place: Cursor) -> str:
    """The reverse of `cursor`."""
    return place.prefix + CURSOR + place.suffix


def spans(marked: str) -> tuple[str, list[Span]]:
    """The text without its marks, and the spans they stood for, in order."""
    found: list[Span] = []
    text = ""
    last = 0
    for match in _SPAN.finditer(marked):
        text += marked[last : match.start()]
        found.append(Span(len(text), len(text) + len(match.group(1))))
        text += match.group(1)
        last = match.end()
    return text + marked[last:], found
