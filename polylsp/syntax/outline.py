"""What stands around an offset: imports, the definitions that enclose it, and those beside it.

Only the head of the file and a window around the offset are looked at, so a keystroke in a long file costs
what it costs in a short one. The window's borders lie on a grid: typing does not move them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tree_sitter

from polylsp.syntax.languages import query
from polylsp.syntax.parser import Tree
from polylsp.types import Span

_HEAD = 16_000  # Where imports are looked for.
_REACH = 24_000  # How far definitions are looked for, each way.
_GRID = 8_000
_LONGEST_LINE = 2_000  # What stands on a longer one is passed over: nobody wrote it by hand.


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, a type or a namespace, in whole lines but for `body`."""

    whole: Span
    header: Span  # From its first line to the one on which its body starts.
    signature: Span  # The header without what opens the body.
    body: Span
    kind: str  # "function", "type" or "namespace".
    indent: int  # Columns before its first line's text.
    closed: bool  # Whether a bracket that ends the body is written.

    def moved(self, move: Callable[[Span], Span]) -> Definition:
        """The same in another text."""
        whole, header, signature, body = map(
            move, (self.whole, self.header, self.signature, self.body)
        )
        return Definition(whole, header, signature, body, self.kind, self.indent, self.closed)


@dataclass(frozen=True, slots=True)
class Outline:
    """In file order; `scopes` from the outermost in."""

    imports: tuple[Span, ...]
    scopes: tuple[Definition, ...]
    siblings: tuple[
        Definition, ...
    ]  # Directly in the innermost type or namespace around, or in the file.
    relatives: tuple[Definition, ...]  # Directly in those farther out.

    def moved(self, move: Callable[[Span], Span]) -> Outline:
        """The same in another text."""
        return Outline(
            tuple(move(span) for span in self.imports),
            tuple(one.moved(move) for one in self.scopes),
            tuple(one.moved(move) for one in self.siblings),
            tuple(one.moved(move) for one in self.relatives),
        )


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
    elsewhere = [one.body for one in found if one not in scopes]
    imports = [one for one in imports if not any(one.start in body for body in elsewhere)]
    homes = [*(one for one in reversed(scopes) if one.kind != "function"), None]
    siblings = [one for one in _directly_in(homes[0], found) if one not in scopes]
    farther = {one.whole.start: one for home in homes[1:] for one in _directly_in(home, found)}
    relatives = [farther[at] for at in sorted(farther) if farther[at] not in (*siblings, *scopes)]
    return Outline(tuple(imports), tuple(scopes), tuple(siblings), tuple(relatives))


def definitions(tree: Tree) -> tuple[Definition, ...]:
    """The outermost definitions at the head of a file, in order: what it offers to others."""
    return tuple(_directly_in(None, _look(tree, 0, 2 * _REACH)[1]))


_Found = tuple[list[Span], list[Definition]]


def _look(tree: Tree, start: int, end: int, depth: int | None = None) -> _Found:
    """Imports and definitions that touch [start, end), in file order, the outer before the inner."""
    asked = (start, end, depth)
    if asked not in tree.found:  # A repaired text stays the same while one types within a line.
        tree.found[asked] = _searched(tree, start, end, depth)
    found: _Found = tree.found[asked]
    return found


def _searched(tree: Tree, start: int, end: int, depth: int | None) -> _Found:
    cursor = tree_sitter.QueryCursor(query(tree.language))
    cursor.set_byte_range(start, min(end, len(tree.source)))
    if depth is not None:
        cursor.set_max_start_depth(depth)
    imports: dict[int, Span] = {}
    found: dict[tuple[int, int], Definition] = {}
    for _, captures in cursor.matches(tree.root):
        if "import" in captures:
            for node in captures["import"]:
                lines = _lines(tree.source, node.start_byte, node.end_byte)
                if lines:
                    imports[node.start_byte] = lines
            continue
        [body] = captures.pop("body")
        [(kind, [node])] = captures.items()
        one = _definition(tree.source, node, body, kind)
        if one:
            found[one.whole.start, -one.body.end] = one
    return [imports[at] for at in sorted(imports)], [found[at] for at in sorted(found)]


def _definition(
    source: bytes, node: tree_sitter.Node, body: tree_sitter.Node, kind: str
) -> Definition | None:
    # Decorators, templates and exports wrap a definition; they belong to its header.
    while (parent := node.parent) is not None and _wraps(parent):
        node = parent
    whole = _lines(source, node.start_byte, node.end_byte)
    if whole is None:
        return None
    children = [body.child(index) for index in range(min(3, body.child_count))]
    brace = next((one for one in children if one is not None and one.type == "{"), None)
    before = (brace or body).prev_sibling or body.prev_sibling
    while before is not None and ("comment" in before.type or before.type in _BODILY):
        before = before.prev_sibling
    signature = before.end_byte if before else (brace or body).start_byte
    header = _lines(source, whole.start, brace.end_byte if brace else signature)
    last = body.child(body.child_count - 1) if body.child_count else None
    line = source[whole.start : whole.start + 200]
    return Definition(
        whole,
        header or whole,
        Span(whole.start, signature),
        Span(body.start_byte, body.end_byte),
        kind,
        len(line) - len(line.lstrip(b" \t")),
        last is not None and last.type == "}" and not last.is_missing,
    )


def _wraps(node: tree_sitter.Node) -> bool:
    # Go may declare many types at once: then each stands for itself.
    return node.type in _WRAPPERS or (
        node.type == "type_declaration" and node.named_child_count == 1
    )


_WRAPPERS = frozenset(
    {"decorated_definition", "template_declaration", "export_statement", "type_definition"}
)
_BODILY = frozenset(
    {"field_initializer_list"}
)  # Stands before the body, and tells as little to a caller.


def _lines(source: bytes, start: int, end: int) -> Span | None:
    """The whole lines that hold [start, end); None where the first or the last is very long."""
    first = source.rfind(b"\n", max(0, start - _LONGEST_LINE), start) + 1
    if first == 0 and start > _LONGEST_LINE:
        return None
    if end > start and source[end - 1 : end] == b"\n":
        return Span(first, end)
    last = source.find(b"\n", end, end + _LONGEST_LINE)
    if last < 0 and end + _LONGEST_LINE < len(source):
        return None
    return Span(first, len(source) if last < 0 else last + 1)


def _enclosing(source: bytes, found: list[Definition], offset: int) -> list[Definition]:
    """Those of `found` that the offset stands in.

    A block that is still being typed ends, for the parser, with its last token; a cursor on a blank line
    behind it counts as inside as long as it stands deeper than the definition does.
    """
    line = source[source.rfind(b"\n", 0, offset) + 1 : offset]
    column = len(line) - len(line.lstrip(b" \t"))
    blank = not line.strip()
    before = len(source[:offset].rstrip()) if blank else offset
    scopes = []
    for one in found:
        # Without brackets, a body starts with its first statement; a line above that is in it all the same.
        start = min(one.body.start, one.header.end - 1)
        inside = start < offset < one.body.end + (not one.closed)
        trailing = blank and start < before <= one.body.end < offset
        if inside or (trailing and not one.closed and column > one.indent):
            scopes.append(one)
    return scopes


def _directly_in(home: Definition | None, found: list[Definition]) -> list[Definition]:
    """Functions and types in `home` (None: the file) with nothing but namespaces between."""
    inside = []
    closed_until = -1
    for one in found:
        if home and not (home.whole.start < one.whole.start and one.body.end <= home.body.end):
            continue
        if one.kind != "namespace" and one.whole.start >= closed_until:
            inside.append(one)
            closed_until = one.body.end
    return inside
