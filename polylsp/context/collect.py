"""Chunks worth showing, best first. Ranks, and never counts tokens: that is `prompt.fit`'s work.

Nothing here depends on how far the cursor is from something, only on what lies between: distances change
with every key, and a prompt that changes at its start has to be read again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, pairwise, zip_longest

from polylsp.config import ContextConfig
from polylsp.context import neighbours
from polylsp.syntax.languages import find
from polylsp.syntax.outline import Definition, Outline, outline
from polylsp.syntax.parser import Tree, Trees
from polylsp.syntax.repair import closed, without_line
from polylsp.types import Chunk, ChunkKind, Context, Cursor, Mode, Snapshot, Span

_IMPORT_LINES = 8  # In one chunk: of a long list, a part may fit where the whole does not.
_MOST_SIBLINGS = 60
_MOST_CHARACTERS = 4_000  # Of one chunk. Longer ones are data, or were not written by hand.


def collect(
    cursor: Cursor,
    mode: Mode,
    tree: Tree | None,
    others: Sequence[Snapshot],
    trees: Trees,
    config: ContextConfig,
) -> Context:
    """Everything that could be shown for `cursor`; `others` come most useful first."""
    here = cursor.snapshot
    language = find(here.language)
    chunks: list[Chunk] = []
    if tree is not None:
        around = _outline(cursor, tree, trees)
        chunks += _scopes(around, here)
        chunks += _imports(around, here)
        chunks += _siblings(around, cursor)
    if config.neighbours:
        chunks += neighbours.chunks(cursor, others, trees)
    chunks = [chunk for chunk in chunks if len(chunk.text) <= _MOST_CHARACTERS]
    chunks.append(Chunk(ChunkKind.NEAR, here.path, Span(0, cursor.offset), cursor.prefix))
    return Context(cursor, mode, language.comment if language else "#", tuple(chunks))


def _outline(cursor: Cursor, tree: Tree, trees: Trees) -> Outline:
    """What stands around the cursor, whatever is being typed on its line."""
    uri, found = cursor.snapshot.uri, None
    for repair in (without_line, closed):
        repaired = repair(tree.language, tree.source, cursor.offset)
        if repaired is None:
            continue
        other = trees.parse_repaired(uri, repair.__name__, tree.language, repaired.source)
        if other is None:
            continue
        found = outline(other, repaired.offset).moved(repaired.back)
        if not other.root.has_error:
            break
    return found or outline(tree, cursor.offset)


def _scopes(around: Outline, here: Snapshot) -> list[Chunk]:
    """Headers of what encloses the cursor, the innermost first."""
    return [
        Chunk(ChunkKind.SCOPE, here.path, one.header, one.header.of(here.text))
        for one in reversed(around.scopes)
    ]


def _imports(around: Outline, here: Snapshot) -> list[Chunk]:
    """Runs of imports that stand together, in file order."""
    runs: list[Span] = []
    for span in around.imports:
        if runs and not here.text[runs[-1].end : span.start].strip():
            runs[-1] = Span(runs[-1].start, max(runs[-1].end, span.end))
        else:
            runs.append(span)
    parts = [part for run in runs for part in _parts(run, here.text)]
    return [Chunk(ChunkKind.IMPORT, here.path, part, part.of(here.text)) for part in parts]


def _parts(run: Span, text: str) -> list[Span]:
    starts = [run.start, *(run.start + line.end() for line in re.finditer("\\n", run.of(text)))]
    borders = starts[::_IMPORT_LINES]
    if borders[-1] < run.end:
        borders.append(run.end)
    return [Span(start, end) for start, end in pairwise(borders)]


def _siblings(around: Outline, cursor: Cursor) -> list[Chunk]:
    """Definitions without their bodies: first those beside the cursor, then those farther out."""
    ranked = [
        *_by_turns(around.siblings, cursor.offset),
        *_by_turns(around.relatives, cursor.offset),
    ]
    here = cursor.snapshot
    # In broken code one may seem to start within a line.
    whole = [
        one for one in ranked if one.whole.start == 0 or here.text[one.whole.start - 1] == "\n"
    ]
    return [neighbours.stub(one, here, ChunkKind.SIBLING) for one in whole[:_MOST_SIBLINGS]]


def _by_turns(found: Sequence[Definition], offset: int) -> list[Definition]:
    """By turns the nearest above and the nearest below."""
    above = [one for one in found if one.whole.start < offset]
    turns = chain.from_iterable(zip_longest(reversed(above), found[len(above) :]))
    return [one for one in turns if one is not None]
