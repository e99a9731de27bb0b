from __future__ import annotations

import pytest

from polylsp.prompt.format import arrange, files, repository, shortened
from polylsp.types import Chunk, ChunkKind, Span

TEXT = """\
import os


class A:
    def f(self):
        return 1

    def g(self):
        return 2

    x = 3

    def h(self):
        return"""


def _own(text: str, kind: ChunkKind = ChunkKind.SIBLING, shown: str = "") -> Chunk:
    start = TEXT.index(text)
    return Chunk(kind, "a.py", Span(start, start + len(text)), shown or text)


IMPORT = _own("import os\n", ChunkKind.IMPORT)
CLASS = _own("class A:\n", ChunkKind.SCOPE)
F = _own("    def f(self):\n        return 1\n", shown="    def f(self): ...\n")
G = _own("    def g(self):\n        return 2\n", shown="    def g(self): ...\n")
NEAR = Span(TEXT.index("    def h"), len(TEXT))
OTHER = Chunk(ChunkKind.NEIGHBOUR, "b.py", Span(10, 20), "def b(): ...\n")


def test_own_chunks_stand_in_file_order_with_their_own_blank_lines() -> None:
    assert (
        arrange([F, CLASS, G, IMPORT], NEAR, TEXT, "#")
        == """\
import os


class A:
    def f(self): ...

    def g(self): ...
    # ...
    def h(self):
        return"""
    )


def test_a_comment_stands_where_code_was_left_out_indented_as_what_follows() -> None:
    assert (
        arrange([IMPORT, G], NEAR, TEXT, "//")
        == """\
import os
    // ...
    def g(self): ...
    // ...
    def h(self):
        return"""
    )


def test_nothing_stands_for_what_is_left_out_at_the_start() -> None:
    assert arrange([G], NEAR, TEXT, "#").startswith("    def g(self): ...\n")
    assert arrange([], NEAR, TEXT, "#") == NEAR.of(TEXT)


def test_near_text_that_goes_on_where_a_chunk_ends_has_no_mark_before_it() -> None:
    near = Span(IMPORT.span.end, len(TEXT))
    assert arrange([IMPORT], near, TEXT, "#") == TEXT
    near = Span(CLASS.span.end, len(TEXT))
    assert arrange([IMPORT, CLASS], near, TEXT, "#") == TEXT


def test_many_blank_lines_become_two() -> None:
    text = "import a\n\n\n \n\n\n\nimport b\nx"
    chunks = [
        Chunk(ChunkKind.IMPORT, "a.py", Span(0, 9), "import a\n"),
        Chunk(ChunkKind.IMPORT, "a.py", Span(16, 25), "import b\n"),
    ]
    assert arrange(chunks, Span(25, 26), text, "#") == "import a\n\n\nimport b\nx"


def test_other_files_come_first_under_their_names() -> None:
    more = Chunk(ChunkKind.NEIGHBOUR, "b.py", Span(0, 5), "class B: ...")
    third = Chunk(ChunkKind.NEIGHBOUR, "c.py", Span(0, 5), "C = 1\n")
    assert (
        arrange([CLASS, OTHER, more, third], NEAR, TEXT, "#")
        == """\
# b.py
def b(): ...
class B: ...
# c.py
C = 1

# ...
class A:
    # ...
    def h(self):
        return"""
    )
    assert arrange([OTHER], NEAR, TEXT, "#") == "# b.py\ndef b(): ...\n\n" + NEAR.of(TEXT)


def test_what_stands_behind_the_cursor_is_shown_before_the_near_text() -> None:
    near = Span(F.span.start, F.span.end)
    assert (
        arrange([CLASS, G], near, TEXT, "#")
        == """\
class A:
    # ...
    def g(self): ...
    # ...
    def f(self):
        return 1
"""
    )


def test_a_chunk_ends_with_a_line_end_even_where_its_file_does_not() -> None:
    last = Chunk(ChunkKind.SIBLING, "a.py", Span(0, 5), "def f")
    assert arrange([last], Span(5, 5), "def f", "#") == "def f\n"


def test_of_a_long_path_the_end_is_shown() -> None:
    assert shortened("a/b.py", 60) == "a/b.py"
    assert shortened("x" * 100 + "/b.py", 60) == "x" * 55 + "/b.py"


def test_chunks_of_one_other_file_stand_together_and_none_of_this_one() -> None:
    more = Chunk(ChunkKind.NEIGHBOUR, "b.py", Span(0, 5), "class B: ...")
    third = Chunk(ChunkKind.NEIGHBOUR, "c.py", Span(0, 5), "C = 1\n")
    assert files([CLASS, OTHER, more, third]) == [
        ("b.py", "def b(): ...\nclass B: ...\n"),
        ("c.py", "C = 1\n"),
    ]


@pytest.mark.parametrize(
    ("file", "path", "name"),
    [
        ("/home/me/shop/app/order.py", "app/order.py", "shop"),
        ("C:\\code\\shop\\order.py", "order.py", "shop"),
        ("/home/me/shop/app/order.py", "other/order.py", ""),
        ("/order.py", "order.py", ""),
        ("order.py", "order.py", ""),
        ("/home/order.py", "/home/order.py", ""),
        ("/home/order.py", "", ""),
        ("", "order.py", ""),
    ],
)
def test_a_repository_is_called_as_the_folder_that_paths_start_from(
    file: str, path: str, name: str
) -> None:
    assert repository(file, path) == name
