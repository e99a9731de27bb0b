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
_MOST_CHARACTERS = 100_000  # Of a file that is searched for code like the cursor's.
_ABOVE_CHARACTERS = 4_000
_OFFERS = 60  # Chunks of one file.
_WORD = re.compile(r"[A-Za-z_]\w{2,}")


def chunks(cursor: Cursor, others: Sequence[Snapshot], trees: Trees) -> list[Chunk]:
    """What to show of `others`, best first. Those earlier in `others` win a tie."""
    here = cursor.snapshot
    words = _words_above(cursor)
    ranked: list[tuple[float, int, list[Chunk]]] = []
    for index, other in enumerate(others[:_FILES]):
        if other.uri == here.uri:
            continue
        if is_companion(here.path, other.path):
            ranked.append((-2.0, index, offers(other, trees)))
        elif _like(here, other):
            likeness, chunk = _most_alike(words, other)
            if chunk is not None and likeness >= _LIKE_ENOUGH:
                ranked.append((-likeness, index, [chunk]))
    return [chunk for *_, found in sorted(ranked, key=lambda one: one[:2]) for chunk in found]


def _like(here: Snapshot, other: Snapshot) -> bool:
    """Whether it makes sense to look for likenesses at all. Dialects of one language are alike."""
    ours, theirs = (_FAMILIES.get(one.language, one.language) for one in (here, other))
    return ours == theirs and len(other.text) <= _MOST_CHARACTERS


_FAMILIES = {"cpp": "c", "tsx": "javascript", "typescript": "javascript"}
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
    found = () if tree is None else definitions(tree)[:_OFFERS]
    return [stub(one, snapshot, ChunkKind.NEIGHBOUR) for one in found]


def stub(one: Definition, snapshot: Snapshot, kind: ChunkKind) -> Chunk:
    """A definition cut down to what a caller needs: a short one whole, else its header."""
    text = one.whole.of(snapshot.text)
    if text.count("\n") > (1 if one.kind == "function" else _SHOWN_WHOLE):
        text = one.signature.of(snapshot.text).rstrip(" \n=") + _ending(one, snapshot) + "\n"
    return Chunk(kind, snapshot.path, one.whole, text)


def _ending(one: Definition, snapshot: Snapshot) -> str:
    """What stands for a body."""
    language = find(snapshot.language)
    if language is None:
        return ""
    if one.kind == "function":
        return language.stub
    # C may name a type behind its body: `typedef struct { … } name;`.
    behind = snapshot.text[one.body.end : one.whole.end].strip(" ;\n")
    if re.fullmatch(r"\*?\w+", behind):
        return f" {{ ... }} {behind};"
    return language.stub if language.type_stub is None else language.type_stub


def _declarations(snapshot: Snapshot) -> list[Chunk]:
    """The paragraphs of a header that are more than comments and guards."""
    found = []
    start = 0
    for paragraph in re.split(r"(?<=\n)\n+", snapshot.text):
        at = snapshot.text.find(paragraph, start)
        start = at + len(paragraph)
        if _NOTHING.sub("", paragraph).strip(" \t\n{}"):
            span = Span(at, start)
            found.append(Chunk(ChunkKind.NEIGHBOUR, snapshot.path, span, paragraph))
            if len(found) == _OFFERS:
                break
    return found


# What says nothing to a source that includes the header: comments, conditions, the header's own guard.
_NOTHING = re.compile(
    r"/\*(?:.*?\*/|.*)|//[^\n]*|^[ \t]*extern \"C\"|"
    r"^[ \t]*#[ \t]*(?:ifndef|endif|if|else|elif|ifdef|include|pragma|undef)\b[^\n]*|"
    r"^[ \t]*#[ \t]*define[ \t]+\w+[ \t]*$",
    re.DOTALL | re.MULTILINE,
)


def _words_above(cursor: Cursor) -> frozenset[str]:
    """The words above the cursor, up to a border that only moves every so many lines."""
    text = cursor.snapshot.text
    above = text.count("\n", 0, cursor.offset)
    border = above // _STEP * _STEP or _power_of_two(above)
    # The line that is being typed lies behind the border in any case.
    end = cursor.offset
    for _ in range(above - border + 1):
        end = text.rfind("\n", 0, end)
    end = max(end, 0)
    lines = text[max(0, end - _ABOVE_CHARACTERS) : end].split("\n")[-_ABOVE:]
    return _words(lines)


def _power_of_two(number: int) -> int:
    """The greatest one that is not above `number`; 0 for 0."""
    return 1 << number.bit_length() - 1 if number else 0


def _words(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(word for line in lines for word in _WORD.findall(line))


def _most_alike(words: frozenset[str], other: Snapshot) -> tuple[float, Chunk | None]:
    """The window of `other` that shares the most words, and how alike it is (Jaccard)."""
    lines = other.text.split("\n")
    half = _WINDOW // 2
    halves = [_words(lines[start : start + half]) for start in range(0, len(lines), half)]
    best, best_start = 0.0, -1
    for index, theirs in enumerate(halves):
        window = theirs | halves[index + 1] if index + 1 < len(halves) else theirs
        likeness = len(words & window) / (len(words | window) or 1)
        if likeness > best:
            best, best_start = likeness, index * half
    if best_start < 0:
        return 0.0, None
    before = sum(len(line) + 1 for line in lines[:best_start])
    text = "\n".join(lines[best_start : best_start + _WINDOW])
    span = Span(before, before + len(text))
    return best, Chunk(ChunkKind.NEIGHBOUR, other.path, span, text)
