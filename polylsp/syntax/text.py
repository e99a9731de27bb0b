"""Does an offset stand in a comment or a string?

What nothing closes yet is no node of the tree. The mark that opens it is found instead: the parser leaves
a lone quote in an error of its own.
"""

from __future__ import annotations

import re

import tree_sitter

from polylsp.syntax.parser import Tree

# Types of nodes that are text, and of what text is made of. Any other node inside of a string is code again.
_COMMENT = re.compile("comment")
_STRING = re.compile("^(?!concatenated).*(?:string|heredoc_body|heredoc_content)")
_PART = re.compile("string|escape|heredoc|fragment|content|interpolation_quote|interpolation_start")
_LONG_QUOTES = (b'"""', b"'''", b"`")  # These may be closed on a later line.
_MOST_MARKS = 32  # How many possible openings are looked at: a line may have thousands of quotes.


def in_text(tree: Tree, offset: int) -> str:
    """ "comment" or "string" where the offset stands inside one, else ""."""
    node: tree_sitter.Node | None = tree.root.descendant_for_byte_range(max(0, offset - 1), offset)
    while node is not None:
        inside = node.start_byte < offset < node.end_byte
        if node.is_named:
            if _COMMENT.search(node.type) and (inside or _goes_on(tree, node, offset)):
                return "comment"
            if _STRING.search(node.type) and (inside or _goes_on(tree, node, offset)):
                return "string"
            if inside and not _PART.search(node.type):
                break
        node = node.parent
    return _unclosed(tree, offset)


def _goes_on(tree: Tree, node: tree_sitter.Node, offset: int) -> bool:
    """Whether what ends at `offset` would hold what is typed there: a line's comment, a heredoc."""
    if node.end_byte != offset or not re.search("comment|heredoc", node.type):
        return False
    text = tree.source[node.start_byte : offset]
    return not text.endswith(b"\n") and not (text.startswith(b"/*") and text.endswith(b"*/"))


def _unclosed(tree: Tree, offset: int) -> str:
    """ "comment" or "string" where one was opened before `offset` and never closed, else ""."""
    if tree.language not in ("python", "ruby") and _comment_opened(tree, offset):
        return "comment"
    source = tree.source
    for quote in _LONG_QUOTES:
        at = source.rfind(quote, 0, offset)
        if at >= 0 and _alone(tree, at):
            return "comment" if tree.language == "python" else "string"
    at, line = offset, source.rfind(b"\n", 0, offset) + 1
    for _ in range(_MOST_MARKS):
        at = max(source.rfind(b'"', line, at), source.rfind(b"'", line, at))
        if at < 0:
            break
        if _alone(tree, at):
            return "string"
    return ""


def _comment_opened(tree: Tree, offset: int) -> bool:
    source, at = tree.source, offset
    for _ in range(_MOST_MARKS):
        at = source.rfind(b"/*", 0, at)
        if at < 0 or source.find(b"*/", at + 2) >= 0:
            return False
        if not _is_text(tree, at):
            return True
    return False


def _is_text(tree: Tree, at: int) -> bool:
    """Whether the character at `at` belongs to a comment, a string or a regular expression."""
    node = tree.root.descendant_for_byte_range(at, at + 1)
    around = (node, node.parent) if node else ()
    return any(
        one and (_COMMENT.search(one.type) or _PART.search(one.type) or "regex" in one.type)
        for one in around
    )


def _alone(tree: Tree, at: int) -> bool:
    """Whether the quote at `at` opens a string that the parser found no end of."""
    node = tree.root.descendant_for_byte_range(at, at + 1)
    if node is None or node.start_byte != at or node.child_count:
        return False
    return node.is_error or (node.parent is not None and node.parent.is_error)
