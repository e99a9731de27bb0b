"""Where the line or the block at a cursor is over, by indentation, in all families of languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.suggest import scope
from polylsp.suggest.filters import cut_repeats
from polylsp.types import Mode
from tests.marks import cursor


def kept(source: str, text: str, language: str = "python", mode: Mode = Mode.BLOCK) -> str:
    here = cursor(source, language)
    return scope.within(text, here, mode, scope.floor(here), explicit=False)


def tokens_until_ended(source: str, text: str, language: str) -> str:
    """What would have been generated, one character at a time, when the block is found to be over."""
    floor = scope.floor(cursor(source, language))
    for length in range(len(text) + 1):
        if scope.ended(text[:length], Mode.BLOCK, floor, explicit=False):
            return text[:length]
    return text


@pytest.mark.parametrize("explicit", [False, True])
def test_a_line_is_over_at_its_end(explicit: bool) -> None:
    here = cursor("x = █")
    floor = scope.floor(here)
    assert not scope.ended("f(a", Mode.LINE, floor, explicit)
    assert scope.ended("f(a)\n", Mode.LINE, floor, explicit)
    assert scope.within("f(a)\ny", here, Mode.LINE, floor, explicit) == "f(a)"


def test_asked_by_hand_the_line_may_be_the_next_one() -> None:
    here = cursor("x = 1█")
    floor = scope.floor(here)
    assert scope.within("\ny = 2\nz", here, Mode.LINE, floor, explicit=True) == "\ny = 2"
    assert scope.within("\ny = 2\nz", here, Mode.LINE, floor, explicit=False) == ""
    assert not scope.ended("\ny", Mode.LINE, floor, explicit=True)
    assert scope.ended("\ny", Mode.LINE, floor, explicit=False)


@pytest.mark.parametrize(
    ("source", "text", "block"),
    [
        ("def f():█", "\n    a()\n\n    b()\nc()", "\n    a()\n\n    b()\n"),
        ("def f():\n    █", "a()\n    b()\nc()", "a()\n    b()"),
        ("def f():\n    if x:█", "\n        a()\n    b()", "\n        a()"),
        ("def f(\n    a,\n):█", "\n    a()\ndef g", "\n    a()"),
        ("def f(a,\n      b):█", "\n    a()\ndef g", "\n    a()"),
        ("def f():\n    for x in y:█", "\n        a()\n    end = 1\n", "\n        a()"),
        ("    x = [\n        █", "1,\n        2,\n    ]\n    y", "1,\n        2,"),
        ("█", "import os\nimport re\n\nx = 1", "import os\nimport re"),
        ("def f():█", "\n    a()", "\n    a()"),
        ("def f():  # Why.█", "\n    a()\nb", "\n    a()"),
    ],
)
def test_python_blocks_are_deeper_than_their_header(source: str, text: str, block: str) -> None:
    assert kept(source, text).rstrip("\n") == block.rstrip("\n")


@pytest.mark.parametrize(
    ("source", "text", "block", "language"),
    [
        ("void f() {█", "\n    a();\n}\n\nint g", "\n    a();\n}", "c"),
        ("void f()\n{█", "\n    a();\n}\n\nint g", "\n    a();\n}", "c"),
        ("void f() {\n    █", "a();\n    b();\n}\n", "a();\n    b();\n}", "c"),
        ("void f() {\n    a();\n    █", "b();\n    c();\n}\n", "b();\n    c();", "c"),
        ("static int f(int a,\n             int b) {█", "\n    a();\n}\n", "\n    a();\n}", "c"),
        (
            "  void f()\n      throws E {█",
            "\n    a();\n  }\n  void g",
            "\n    a();\n  }",
            "java",
        ),
        ("\tfor x {█", "\n\t\ta()\n\t}\n\tb()", "\n\t\ta()\n\t}", "go"),
        ("f(() => {█", "\n  a();\n}, 10);\nb", "\n  a();\n}, 10);", "javascript"),
        ("if (a) {█", "\n  b();\n} else {\n  c", "\n  b();\n}", "javascript"),
        ("if (a) {█", "\n  b();\n} catch (e) {\n", "\n  b();\n}", "javascript"),
        ("fn f() {█", "\n    a()\n}", "\n    a()\n}", "rust"),
        ("class A {█", "\npublic:\n  A();\n};\n", "\npublic:\n  A();\n};", "cpp"),
        ("switch (a) {█", "\ncase 1:\n\tb();\n}\n", "\ncase 1:\n\tb();\n}", "c"),
        (
            "\tselect {█",
            "\n\tcase x := <-c:\n\t\ta()\n\tdefault:\n\t\tb()\n\t}\n\tc",
            "\n\tcase x := <-c:\n\t\ta()\n\tdefault:\n\t\tb()\n\t}",
            "go",
        ),
        ("object A {█", "\n  val x = 1\n}\nobject B", "\n  val x = 1\n}", "scala"),
    ],
)
def test_blocks_in_braces_end_with_the_brace(
    source: str, text: str, block: str, language: str
) -> None:
    assert kept(source, text, language) == block


@pytest.mark.parametrize(
    ("source", "text", "block"),
    [
        ("def f█", "\n  a\nend\ndef g", "\n  a\nend"),
        ("  each do |x|█", "\n    a\n  end\n  b", "\n    a\n  end"),
        ("if a█", "\n  b\nelse\n  c\nend\nd", "\n  b\nelse\n  c\nend"),
        ("case a█", "\nwhen 1\n  b\nend\nd", "\nwhen 1\n  b\nend"),
        ("def f█", "\n  a\nend_of_it = 1\n", "\n  a"),
        ("def f\n  █", "a\n  b\nend\n", "a\n  b\nend"),
        ("def f\n  a\n  █", "b\n  c\nend\n", "b\n  c"),
    ],
)
def test_ruby_blocks_end_with_end(source: str, text: str, block: str) -> None:
    assert kept(source, text, "ruby") == block


@pytest.mark.parametrize(
    ("source", "text", "block", "language"),
    [
        ("void f() {█\n}\n", "\n    a();\n}\n", "\n    a();", "c"),
        ("void f() {█\n\n    }\n", "\n    a();\n}\n", "\n    a();\n}", "c"),
        ("def f█\nend", "\n  a\nend\n", "\n  a", "ruby"),
        ("if a█\nelse\n  b\nend", "\n  a\nend\n", "\n  a\nend", "ruby"),
    ],
)
def test_what_closes_the_block_below_already_is_left_out(
    source: str, text: str, block: str, language: str
) -> None:
    assert kept(source, text, language) == block


@pytest.mark.parametrize(
    ("source", "text", "language"),
    [
        ("def f():█", "\n    a()\n\n    b()\nc", "python"),
        ("void f() {█", "\n    a();\n}\n", "c"),
        ("void f() {\n    █", "a();\n}\n", "c"),
        ("switch (a) {█", "\ncase 1:\n    b();\n}\n", "c"),
        ("def f█", "\n  a\nend\n", "ruby"),
        ("if a█", "\n  b\nelse\n  c\nend\n", "ruby"),
        ("def f█", "\n  a\nx", "ruby"),
    ],
)
def test_generation_goes_on_until_the_block_is_over_and_no_further(
    source: str, text: str, language: str
) -> None:
    assert tokens_until_ended(source, text + "\nrest", language) == text


def test_a_blank_line_ends_what_stands_at_the_top_of_a_file() -> None:
    assert tokens_until_ended("█", "import os\n\nx", "python") == "import os\n\n"
    assert tokens_until_ended("█", "\n\nimport os\n\nx", "python") == "\n\nimport os\n\n"


@pytest.mark.parametrize(
    ("line", "columns"), [("x", 0), ("    x", 4), ("\tx", 4), ("  \tx", 4), ("\t  x", 6), ("", 0)]
)
def test_a_tab_is_four_columns(line: str, columns: int) -> None:
    assert scope.indentation(line) == columns


_LINES = st.lists(
    st.sampled_from(["", "  ", "    ", "\t"]).flatmap(
        lambda indent: st.sampled_from(
            ["", "a()", "}", "end", "else", "case 1:", "if x {", "def f:"]
        ).map(lambda code: indent + code)
    ),
    max_size=8,
).map("\n".join)


@given(
    source=_LINES,
    text=_LINES,
    mode=st.sampled_from(Mode),
    explicit=st.booleans(),
    language=st.sampled_from(["python", "c", "go", "ruby", "scala", ""]),
)
def test_what_is_within_is_a_start_and_nothing_after_the_end_changes_it(
    source: str, text: str, mode: Mode, explicit: bool, language: str
) -> None:
    here = cursor(source + "█", language)
    floor = scope.floor(here)
    inside = scope.within(text, here, mode, floor, explicit)
    assert text.startswith(inside)
    for length in range(len(text) + 1):
        if scope.ended(text[:length], mode, floor, explicit):
            assert (
                scope.within(text[:length], here, mode, floor, explicit).rstrip() == inside.rstrip()
            )


def test_generation_stops_where_it_reaches_the_line_below() -> None:
    source = "def f():\n    a = 1\n    █\n\n    return join(a)\n\nprint(f())\n"
    text = "b = 2\n    return join(a)\n    c = 3\n    d = 4\n"
    assert tokens_until_ended(source, text, "python") == "b = 2\n    return join(a)\n"
    assert tokens_until_ended(source, "b = 2\n    return join(a) + 1\n", "python").endswith("1\n")


def test_the_line_below_is_the_first_near_one_with_text() -> None:
    assert scope.below(cursor("a█b\n  \n  c  \nd")) == "  c"
    assert scope.below(cursor("a█b")) == ""
    assert scope.below(cursor("a█" + "\n" * 30 + "b")) == ""


@given(
    body=st.lists(
        st.sampled_from(["    a()", "    return b", "    }", "", "    c = 1"]), max_size=6
    ),
    rest=st.sampled_from(["    return b", "    }", "", "    d()"]),
)
def test_stopping_at_the_line_below_loses_nothing_that_would_have_been_shown(
    body: list[str], rest: str
) -> None:
    here = cursor(f"def f():\n    x = 1\n    █\n{rest}\n\nprint(1)\n")
    text = "y = 2\n" + "\n".join(body) + "\n"
    ended = tokens_until_ended(f"def f():\n    x = 1\n    █\n{rest}\n\nprint(1)\n", text, "python")
    floor = scope.floor(here)
    shown = [
        cut_repeats(scope.within(said, here, Mode.BLOCK, floor, explicit=False), here).rstrip()
        for said in (text, ended)
    ]
    assert shown[0] == shown[1]
