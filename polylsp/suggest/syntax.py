"""Would this text break the code?

Judged on the text as the model said it, before anything is cut for want of confidence. What is still open
at its end is no error: nobody has finished typing there.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

from polylsp.syntax.parser import Tree
from polylsp.syntax.text import in_text


def breaks(tree: Tree, offset: int, text: str) -> bool:
    """Whether `text` at `offset` brings errors that the code did not have.

    Compared over the cursor's line and the text, up to its last token. False where parsing took too long,
    and inside comments and strings, where anything may be said.
    """
    if in_text(tree, offset):
        return False
    end = offset + len(text.rstrip())
    start = tree.source.rfind(b"\n", 0, offset) + 1
    after = tree.inserted(offset, text)
    if after is None:
        return False
    before = _errors(tree, start, offset, offset)
    return _errors(after, start, end, _last_token(after, end)) > before


def _last_token(tree: Tree, end: int) -> int:
    """Where the last token before `end` starts."""
    node = tree.root.descendant_for_byte_range(max(0, end - 1), end)
    if node is None or node.child_count or node.end_byte != end:
        source = tree.source[:end]
        return len(
            source.rstrip(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
        )
    return node.start_byte


def _errors(tree: Tree, start: int, end: int, open_end: int) -> int:
    """Errors that begin in [start, end) and end before `open_end`."""
    return sum(
        1
        for node in _wrong(tree.root, start, end)
        if start <= node.start_byte < open_end and node.end_byte <= open_end
    )


def _wrong(node: tree_sitter.Node, start: int, end: int) -> Iterator[tree_sitter.Node]:
    """Errors and missing tokens among the nodes that touch [start, end)."""
    if not node.has_error or node.end_byte < start or node.start_byte > end:
        return
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        yield from _wrong(child, start, end)
