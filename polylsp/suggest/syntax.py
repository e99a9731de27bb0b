"""Would this text break the code?

Judged on the text as the model said it, before anything is cut for want of confidence. What is still open
at its end is no error: nobody has finished typing there.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

from polylsp.suggest.brackets import open_literal
from polylsp.syntax.parser import Tree
from polylsp.syntax.text import in_text


def breaks(tree: Tree, offset: int, text: str) -> bool:
    """Whether `text` at `offset` brings errors that the code did not have.

    Compared over the cursor's line and the text, up to its last token or to a comment or string that it
    leaves open. False where parsing took too long, and inside comments and strings: anything may be said there.
    """
    start = tree.source.rfind(b"\n", 0, offset) + 1
    typed = tree.source[start:offset].decode("ascii")
    literal = open_literal(typed + text, tree.language)
    if literal is not None:
        text = text[: max(0, literal - len(typed))]  # What is said in it cannot be judged.
    if in_text(tree, offset) or not text.strip():
        return False
    end = offset + len(text.rstrip())
    after = tree.inserted(offset, text)
    if after is None:
        return False
    here = len(tree.source[:offset].rstrip())
    before = _errors(tree, start, here, _last_token(tree, here))
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


def _wrong(root: tree_sitter.Node, start: int, end: int) -> Iterator[tree_sitter.Node]:
    """Errors and missing tokens among the nodes that touch [start, end)."""
    nodes = [root]  # Not recursive: code may be nested deeper than Python's stack.
    while nodes:
        node = nodes.pop()
        if node.has_error and node.end_byte >= start and node.start_byte <= end:
            if node.is_error or node.is_missing:
                yield node
            nodes += node.children
