"""Chunks worth showing, best first. Ranks, and never counts tokens: that is `prompt.fit`'s work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from polylsp.config import ContextConfig
from polylsp.context import neighbours
from polylsp.syntax.languages import find
from polylsp.syntax.outline import Outline, outline
from polylsp.syntax.parser import Tree, Trees
from polylsp.types import Chunk, ChunkKind, Context, Cursor, Mode, Snapshot, Span


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
        around = outline(tree, cursor.offset)
        chunks += _scopes(around, here)
        chunks += _imports(around, here)
        chunks += _siblings(around, cursor)
    if config.neighbours:
        chunks += [
            replace(chunk, kind=ChunkKind.NEIGHBOUR)
            for chunk in neighbours.chunks(cursor, others, trees)
        ]
    chunks.append(Chunk(ChunkKind.NEAR, here.path, Span(0, cursor.offset), cursor.prefix))
    return Context(cursor, mode, language.comment if language else "#", tuple(chunks))


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
    return [Chunk(ChunkKind.IMPORT, here.path, run, run.of(here.text)) for run in runs]


def _siblings(around: Outline, cursor: Cursor) -> list[Chunk]:
    """Definitions beside the cursor, without their bodies, the nearest first."""

    def distance(chunk: Chunk) -> int:
        return min(abs(chunk.span.start - cursor.offset), abs(chunk.span.end - cursor.offset))

    stubs = [neighbours.stub(one, cursor.snapshot) for one in around.siblings]
    return sorted(stubs, key=distance)
