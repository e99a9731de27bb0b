"""Chunks → text that reads like one file.

Other files come first, under their names; then this file's own chunks in file order, a comment standing
where code was left out; the near text ends it, with the little that is shown from behind the cursor before
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import PureWindowsPath

from polylsp.types import Chunk, ChunkKind, Span


def arrange(chunks: Sequence[Chunk], near: Span, text: str, comment: str) -> str:
    """The text of `chunks`, followed by the near text: `near` of `text`, which no chunk overlaps."""
    own = sorted(
        (chunk for chunk in chunks if chunk.kind is not ChunkKind.NEIGHBOUR),
        key=lambda chunk: (chunk.span.start, chunk.span.end),
    )
    parts = [f"{comment} {path}\n{text}" for path, text in files(chunks)]
    if parts:
        parts.append("\n")
    end = None if not parts else 0
    for chunk in own:
        parts.append(_gap(text, end, chunk.span.start, comment))
        parts.append(_whole_lines(chunk.text))
        end = chunk.span.end
    return "".join(parts) + (_gap(text, end, near.start, comment) if own else "") + near.of(text)


def files(chunks: Sequence[Chunk]) -> list[tuple[str, str]]:
    """What `chunks` show of other files, with those files' paths."""
    others = [chunk for chunk in chunks if chunk.kind is ChunkKind.NEIGHBOUR]
    return [
        (path, "".join(_whole_lines(chunk.text) for chunk in of_one))
        for path, of_one in groupby(others, lambda chunk: chunk.path)
    ]


def repository(file: str, path: str) -> str:
    """The name of the folder that `path` starts from, where `file` is the whole path; "" if it is not."""
    whole, parts = (
        PureWindowsPath(file).parts,
        PureWindowsPath(path).parts,
    )  # It knows both slashes.
    above = whole[: -len(parts)] if parts and whole[-len(parts) :] == parts else ()
    return above[-1].strip("/\\") if above else ""


def shortened(path: str, most: int) -> str:
    """The last `most` characters of a path: what the models saw of long ones."""
    return path[-most:]


def _whole_lines(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _gap(text: str, end: int | None, start: int, comment: str) -> str:
    """What stands for `text` between two chunks: its own blank lines, or one line for left-out code.

    Nothing stands for what is left out before the first of all (`end` is None).
    """
    if end is None or end == start:
        return ""
    between = text[end:start]
    if end < start and not between.strip():
        return "\n" * min(between.count("\n"), _MOST_BLANK_LINES)
    # Indented as what follows it.
    following = text[start : start + 1000].lstrip("\n").split("\n", 1)[0]
    indent = following[: len(following) - len(following.lstrip())]
    return f"{indent}{comment} ...\n"


_MOST_BLANK_LINES = 2
