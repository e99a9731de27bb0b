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
    start = max(0, (offset - _REACH) // _GRID * _GRID)
    end = (offset + _REACH) // _GRID * _GRID
    imports, definitions = _look(tree, start, end)
    if start > 0:
        imports = _look(tree, 0, _HEAD, depth=2)[0] | imports
    found = sorted(definitions, key=lambda one: (one.whole.start, -one.whole.end))
    scopes = _enclosing(tree.source, found, offset)
    home = next((one for one in reversed(scopes) if one.kind != "function"), None)
    siblings = [
        one
        for one in found
        if one.kind != "namespace" and one not in scopes and _directly_in(one, home, found)
    ]
    ordered = sorted(imports, key=lambda span: span.start)
    return Outline(tuple(ordered), tuple(scopes), tuple(siblings))


def definitions(tree: Tree) -> tuple[Definition, ...]:
    """The outermost definitions at the head of a file, in order: what it offers to others."""
    found = sorted(_look(tree, 0, 2 * _REACH)[1], key=lambda one: (one.whole.start, -one.whole.end))
    return tuple(
        one for one in found if one.kind != "namespace" and _directly_in(one, None, found)
    )


def in_text(tree: Tree, offset: int) -> str:
    """"comment" or "string" where the offset stands inside one, else ""."""
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


def _look(
    tree: Tree, start: int, end: int, depth: int | None = None
) -> tuple[set[Span], set[Definition]]:
    cursor = tree_sitter.QueryCursor(query(tree.language))
    cursor.set_byte_range(start, min(end, len(tree.source)))
    if depth is not None:
        cursor.set_max_start_depth(depth)
    imports: set[Span] = set()
    found: set[Definition] = set()
    for _, captures in cursor.matches(tree.root):
        for node in captures.get("import", ()):
            imports.add(_lines(tree.source, node.start_byte, node.end_byte))
        bodies = captures.get("body", ())
        for kind in ("function", "type", "namespace"):
            for node, body in zip(captures.get(kind, ()), bodies, strict=False):
                found.add(_definition(tree.source, node, body, kind))
    return imports, found


def _definition(
    source: bytes, node: tree_sitter.Node, body: tree_sitter.Node, kind: str
) -> Definition:
    # Decorators, templates and exports wrap a definition; they belong to its header.
    outer = node
    while outer.parent is not None and outer.parent.type in _WRAPPERS:
        outer = outer.parent
    whole = _lines(source, outer.start_byte, outer.end_byte)
    # A body in braces starts on the header's last line; one without starts on a line of its own.
    head_end = source.rfind(b"\n", 0, body.start_byte) + 1
    if source[head_end : body.start_byte].strip() or source[body.start_byte : body.start_byte + 1] == b"{":
        head_end = _lines(source, body.start_byte, body.start_byte).end
    header = Span(whole.start, max(head_end, whole.start))
    line = source[whole.start : whole.end]
    indent = len(line) - len(line.lstrip(b" \t"))
    return Definition(whole, header, Span(body.start_byte, body.end_byte), kind, indent)


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


def _directly_in(one: Definition, home: Definition | None, found: list[Definition]) -> bool:
    """Whether `one` stands in `home` (None: the file) with nothing but namespaces between."""
    if home is not None and not home.body.start <= one.whole.start < home.body.end:
        return False
    return not any(
        other.body.start < one.whole.start < other.body.end
        and (home is None or home.body.start <= other.whole.start)
        for other in found
        if other is not one and other.kind != "namespace"
    )
