"""What stands around an offset: imports, the definitions that enclose it, and those beside it.

Only the head of the file and a window around the offset are looked at, so a keystroke in a long file costs
what it costs in a short one. The window's borders lie on a grid: typing does not move them.
"""

from __future__ import annotations

from dataclasses import dataclass

import tree_sitter

from polylsp.syntax.languages import query
from polylsp.syntax.parser import Tree
from polylsp.types import Span

_HEAD = 16_000  # Where imports are looked for.
_REACH = 24_000  # How far definitions are looked for, each way.
_GRID = 8_000


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, a type or a namespace, in whole lines but for `body`."""

    whole: Span
    header: Span  # From its first line to the one on which its body starts.
    body: Span
    kind: str  # "function", "type" or "namespace".
    indent: int  # Columns before its first line's text.


@dataclass(frozen=True, slots=True)
class Outline:
    """In file order; `scopes` from the outermost in."""

    imports: tuple[Span, ...]
    scopes: tuple[Definition, ...]
    siblings: tuple[Definition, ...]


def outline(tree: Tree, offset: int) -> Outline:
    """What stands around `offset`."""
    start = max(0, (offset - _REACH) // _GRID * _GRID)
    end = (offset + _REACH) // _GRID * _GRID
    imports, found = _look(tree, start, end)
    if start > 0:
        imports = sorted(
            {*_look(tree, 0, _HEAD, depth=2)[0], *imports}, key=lambda span: span.start
        )
    scopes = _enclosing(tree.source, found, offset)
    home = next((one for one in reversed(scopes) if one.kind != "function"), None)
    siblings = [one for one in _directly_in(home, found) if one not in scopes]
    return Outline(tuple(imports), tuple(scopes), tuple(siblings))


def definitions(tree: Tree) -> tuple[Definition, ...]:
    """The outermost definitions at the head of a file, in order: what it offers to others."""
    return tuple(_directly_in(None, _look(tree, 0, 2 * _REACH)[1]))


def in_text(tree: Tree, offset: int) -> str:
    """ "comment" or "string" where the offset stands inside one, else "".

    One that nothing closes yet is no node of the tree; it is found by its opening mark.
    """
    if _unclosed(tree, offset):
        return "comment"
    node: tree_sitter.Node | None = tree.root.descendant_for_byte_range(max(0, offset - 1), offset)
    while node is not None:
        inside = node.start_byte < offset < node.end_byte
        open_ended = "comment" in node.type and offset == node.end_byte
        if (inside or open_ended) and node.is_named:
            if "comment" in node.type:
                # A line comment goes on until its line ends; a closed block comment is over.
                closed = tree.source[node.start_byte : node.end_byte].endswith(b"*/")
                if inside or not closed:
                    return "comment"
            elif "string" in node.type and "interpol" not in node.type:
                return "string"
        if "interpolation" in node.type:
            return ""
        node = node.parent
    return ""


def _unclosed(tree: Tree, offset: int) -> bool:
    """Whether a block comment, or a docstring, was opened before `offset` and never closed."""
    source = tree.source
    if tree.language == "python":
        marks = (b'"""', b"'''")
        return any(
            source.count(mark) % 2 == 1 and source.count(mark, 0, offset) % 2 == 1 for mark in marks
        )
    opened = source.rfind(b"/*", 0, offset)
    if opened < 0 or tree.language == "ruby":
        return False
    return source.find(b"*/", opened + 2) < 0 and source.find(b"/*", offset) < 0


def _look(
    tree: Tree, start: int, end: int, depth: int | None = None
) -> tuple[list[Span], list[Definition]]:
    """Imports and definitions that touch [start, end), in file order, the outer before the inner."""
    cursor = tree_sitter.QueryCursor(query(tree.language))
    cursor.set_byte_range(start, min(end, len(tree.source)))
    if depth is not None:
        cursor.set_max_start_depth(depth)
    imports: dict[int, Span] = {}
    found: dict[tuple[int, int], Definition] = {}
    for _, captures in cursor.matches(tree.root):
        if "import" in captures:
            for node in captures["import"]:
                imports[node.start_byte] = _lines(tree.source, node.start_byte, node.end_byte)
            continue
        [body] = captures.pop("body")
        [(kind, [node])] = captures.items()
        one = _definition(tree.source, node, body, kind)
        found[one.whole.start, -one.body.end] = one
    return [imports[at] for at in sorted(imports)], [found[at] for at in sorted(found)]


def _definition(
    source: bytes, node: tree_sitter.Node, body: tree_sitter.Node, kind: str
) -> Definition:
    # Decorators, templates and exports wrap a definition; they belong to its header.
    while (parent := node.parent) is not None and parent.type in _WRAPPERS:
        node = parent
    whole = _lines(source, node.start_byte, node.end_byte)
    inside = Span(body.start_byte, body.end_byte)
    # A body in braces starts on the header's last line; one without starts on a line of its own.
    head_end = source.rfind(b"\n", 0, inside.start) + 1
    if source[head_end : inside.start].strip() or source[inside.start : inside.start + 1] == b"{":
        head_end = source.find(b"\n", inside.start) + 1 or len(source)
    line = source[whole.start : whole.start + 200]
    indent = len(line) - len(line.lstrip(b" \t"))
    return Definition(whole, Span(whole.start, max(head_end, whole.start)), inside, kind, indent)


_WRAPPERS = frozenset(
    {"decorated_definition", "template_declaration", "export_statement", "type_definition"}
)


def _lines(source: bytes, start: int, end: int) -> Span:
    """The whole lines that hold [start, end)."""
    first = source.rfind(b"\n", 0, start) + 1
    if end > start and source[end - 1 : end] == b"\n":
        return Span(first, end)
    last = source.find(b"\n", end)
    return Span(first, len(source) if last < 0 else last + 1)


def _enclosing(source: bytes, found: list[Definition], offset: int) -> list[Definition]:
    """Those of `found` that the offset stands in.

    A block that is still being typed ends, for the parser, with its last token; a cursor on a blank line
    behind it counts as inside as long as it stands deeper than the definition does.
    """
    line = source[source.rfind(b"\n", 0, offset) + 1 : offset]
    column = len(line) - len(line.lstrip(b" \t"))
    blank = not line.strip()
    before = len(source[:offset].rstrip())
    scopes = []
    for one in found:
        if one.header.start < offset and one.body.start <= offset:
            inside = one.body.start < offset < one.body.end
            trailing = blank and one.body.start < before <= one.body.end < offset
            unclosed = source[one.body.end - 1 : one.body.end] != b"}"
            if inside or (trailing and unclosed and column > one.indent):
                scopes.append(one)
    return scopes


def _directly_in(home: Definition | None, found: list[Definition]) -> list[Definition]:
    """Functions and types in `home` (None: the file) with nothing but namespaces between."""
    inside = []
    closed_until = home.body.start if home else 0
    for one in found:
        if home is not None and not home.body.start <= one.whole.start < home.body.end:
            continue
        if one.kind != "namespace" and one.whole.start >= closed_until:
            inside.append(one)
            closed_until = one.body.end
    return inside
