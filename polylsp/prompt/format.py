"""Chunks → text that reads like one file.

Other files come first, under their names; then this file's own chunks in file order, a comment standing
where code was left out; the near text ends it.
"""

from __future__ import annotations

from collections.abc import Sequence

from polylsp.types import Chunk, ChunkKind


def arrange(chunks: Sequence[Chunk], near: str, near_start: int, comment: str) -> str:
    """The text of `chunks`, none of which overlaps the near text, followed by `near`."""
    others = [chunk for chunk in chunks if chunk.kind is ChunkKind.NEIGHBOUR]
    own = sorted(
        (chunk for chunk in chunks if chunk.kind is not ChunkKind.NEIGHBOUR),
        key=lambda chunk: (chunk.span.start, chunk.span.end),
    )
    parts: list[str] = []
    path = None
    for chunk in others:
        if chunk.path != path:
            path = chunk.path
            parts.append(f"{comment} {path}\n")
        parts.append(_whole_lines(chunk.text))
    if others:
        parts.append("\n")
    end = 0
    for chunk in own:
        if parts and chunk.span.start > end:
            parts.append(_elision(comment, chunk.text))
        parts.append(_whole_lines(chunk.text))
        end = chunk.span.end
    if own and near_start != end:
        parts.append(_elision(comment, near))
    return "".join(parts) + near


def shortened(path: str, most: int) -> str:
    """The last `most` characters of a path: what the models saw of long ones."""
    return path[-most:]


def _whole_lines(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _elision(comment: str, following: str) -> str:
    """A line that stands for left-out code, indented as what follows it."""
    line = following.lstrip("\n").split("\n", 1)[0]
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}{comment} ...\n"
