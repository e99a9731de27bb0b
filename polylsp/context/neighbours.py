"""Chunks from other files: what they define, and what in them looks like the code at the cursor.

Likeness is judged by the lines above the cursor up to a border that moves in steps, so that typing does
not change what is shown (and with it the start of the prompt).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from polylsp.syntax.languages import find
from polylsp.syntax.outline import Definition, definitions
from polylsp.syntax.parser import Trees
from polylsp.types import Chunk, ChunkKind, Cursor, Snapshot, Span

_STEP = 16  # Lines between the borders up to which likeness is judged.
_ABOVE = 32  # Lines that are compared …
_WINDOW = 20  # … with as many as this of another file.
_LIKE_ENOUGH = 0.15  # Jaccard similarity of the words in both.
_FILES = 8
_SHOWN_WHOLE = 12  # Lines of a type's definition that are not cut down to its header.
_MOST_CHARACTERS = 200_000
_WORD = re.compile(r"[A-Za-z_]\w{2,}")


def chunks(cursor: Cursor, others: Sequence[Snapshot], trees: Trees) -> list[Chunk]:
    """What to show of `others`, best first. Those earlier in `others` win a tie."""
    here = cursor.snapshot
    words = _words_above(cursor)
    ranked: list[tuple[float, int, list[Chunk]]] = []
    for index, other in enumerate(others[:_FILES]):
        if other.uri == here.uri or len(other.text) > _MOST_CHARACTERS:
            continue
        if is_companion(here.path, other.path):
            ranked.append((-2.0, index, offers(other, trees)))
        elif other.language == here.language:
            likeness, chunk = _most_alike(words, other)
            if chunk is not None and likeness >= _LIKE_ENOUGH:
                ranked.append((-likeness, index, [chunk]))
    return [chunk for *_, found in sorted(ranked, key=lambda one: one[:2]) for chunk in found]


_HEADERS = frozenset({".h", ".hh", ".hpp", ".hxx", ".h++", ".inl"})
_SOURCES = frozenset({".c", ".cc", ".cpp", ".cxx", ".c++", ".cu", ".m", ".mm"})


def is_companion(path: str, other: str) -> bool:
    """Whether one is the C or C++ header of the other."""
    a, b = PurePosixPath(path), PurePosixPath(other)
    ends = {a.suffix.lower(), b.suffix.lower()}
    return a.stem == b.stem and bool(ends & _HEADERS) and bool(ends & _SOURCES)


def offers(snapshot: Snapshot, trees: Trees) -> list[Chunk]:
    """What a file offers to others: its types, and its functions without their bodies.

    A header mostly declares, which no query finds; its lines are shown as they stand.
    """
    if PurePosixPath(snapshot.path).suffix.lower() in _HEADERS:
        return _declarations(snapshot)
    tree = trees.parse(snapshot)
    return [] if tree is None else [stub(one, snapshot) for one in definitions(tree)]


def stub(one: Definition, snapshot: Snapshot) -> Chunk:
    """A definition cut down to what a caller needs: a short type whole, else its header."""
    text = one.whole.of(snapshot.text)
    if one.kind == "function" or text.count("\n") > _SHOWN_WHOLE:
        language = find(snapshot.language)
        header = one.header.of(snapshot.text).rstrip().rstrip("{=").rstrip()
        text = header + (language.stub if language else "") + "\n"
    return Chunk(ChunkKind.SIBLING, snapshot.path, one.whole, text)


def _declarations(snapshot: Snapshot) -> list[Chunk]:
    """The paragraphs of a header that are more than comments and guards."""
    found = []
    start = 0
    for paragraph in re.split(r"(?<=\n)\n+", snapshot.text):
        at = snapshot.text.find(paragraph, start)
        start = at + len(paragraph)
        code = re.sub(
            r"/\*.*?\*/|//[^\n]*|^\s*#\s*(ifndef|define|endif|if|ifdef|include|pragma)[^\n]*",
            "",
            paragraph,
            flags=re.DOTALL | re.MULTILINE,
        )
        if code.strip(" \t\n{}"):
            span = Span(at, start)
            found.append(Chunk(ChunkKind.NEIGHBOUR, snapshot.path, span, paragraph))
    return found


def _words_above(cursor: Cursor) -> frozenset[str]:
    lines = cursor.prefix.split("\n")
    border = max(len(lines) // _STEP * _STEP, min(len(lines), _STEP))
    return _words(lines[max(0, border - _ABOVE) : border])


def _words(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(word for line in lines for word in _WORD.findall(line))


def _most_alike(words: frozenset[str], other: Snapshot) -> tuple[float, Chunk | None]:
    """The window of `other` that shares the most words, and how alike it is (Jaccard)."""
    lines = other.text.splitlines(keepends=True)
    best, best_start = 0.0, -1
    for start in range(0, max(1, len(lines) - _WINDOW // 2), _WINDOW // 2):
        theirs = _words(lines[start : start + _WINDOW])
        both = len(words & theirs)
        likeness = both / (len(words | theirs) or 1)
        if likeness > best:
            best, best_start = likeness, start
    if best_start < 0:
        return 0.0, None
    before = sum(len(line) for line in lines[:best_start])
    text = "".join(lines[best_start : best_start + _WINDOW])
    span = Span(before, before + len(text))
    return best, Chunk(ChunkKind.NEIGHBOUR, other.path, span, text)
