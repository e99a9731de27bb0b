"""Each filter alone: what it takes away, and what it leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.suggest import filters
from tests.marks import cursor


@pytest.mark.parametrize(
    ("source", "text", "kept"),
    [
        ("foo(█)", "bar)", "bar"),
        ("foo(█);", "bar);", "bar"),
        ("foo(█)", "bar", "bar"),
        ("foo(█)", "bar(1), baz[2])", "bar(1), baz[2]"),
        ("if (foo(█)) {", "x) {", "x"),
        ("if (foo(█) {", "x)) {", "x)"),
        ("items[█]", "index]", "index"),
        ("foo(bar[█])", "0], 1)", "0"),
        ("x = {█}", "'a': {1}}", "'a': {1}"),
        ("for (int i = 0; █; i++) {", "i < n; i++) {", "i < n"),
        ("x = █ + y", "a + y", "a "),
        ("x = █;", "compute();", "compute()"),
        ("def f(a, █):", "b):", "b"),
        ("def f(█) -> int:", "a, b) -> int:", "a, b"),
        ("return █, None", "self.x, None", "self.x"),
        ("foo(█x, y)", "self.x", "self."),
        ("foo(█x, y)", "self.xx", "self.xx"),
        ("foo(█index)", "self.ind", "self.ind"),
        ("x = █", "compute()", "compute()"),
        ("x = █  ", "compute()  ", "compute()  "),
    ],
)
def test_what_stands_behind_the_cursor_is_not_said_again(source: str, text: str, kept: str) -> None:
    assert filters.cut_overlap(text, cursor(source, "java")) == kept


@pytest.mark.parametrize(
    ("source", "text", "kept"),
    [
        ('print("█")', 'hello")', "hello"),
        ('print("█")', "hello", "hello"),
        ('print("█")', 'say \\"hi\\"")', 'say \\"hi\\"'),
        ("x = 'it█'", "em')", "em"),
        ('x = "it\'s █"', 'mine")', "mine"),
        ('x = \'"\' + "█"', 'a"', "a"),
        ("x = '█'", "a\\\\'", "a\\\\"),
        ('"""█"""', 'Say hello."""', "Say hello."),
        ('f(█"a")', 'b, "', "b, "),
        ('x = "a" █"b"', "+ ", "+ "),
    ],
)
def test_a_string_that_is_closed_behind_the_cursor_stays_open(
    source: str, text: str, kept: str
) -> None:
    assert filters.cut_overlap(text, cursor(source)) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("// ...", ""),
        (" // ...\n", ""),
        ("a();\n    // ...\n    b();", "a();\n"),
        ("def f(a): ...", "def f(a): ..."),
        ("# And so on ...", "# And so on ..."),
        ("function f(a) { ... }", "function f(a) "),
        ("f({ ...a })", "f({ ...a })"),
        ("# ...", ""),
    ],
)
def test_what_stands_for_left_out_code_is_no_code(text: str, kept: str) -> None:
    assert filters.cut_elision(text, cursor("█")) == kept


@pytest.mark.parametrize(
    ("source", "text", "kept"),
    [
        ("print(█", "x)", "x)"),
        ("print(█", "x))", "x)"),
        ("x = 1█", ")", ""),
        ("x = [█", "(1, 2)]", "(1, 2)]"),
        ("f('(', █", "1)", "1)"),
        ("f(█", "')', 1)", "')', 1)"),
        ("f(█", "a,  # :-)\n  b)", "a,  # :-)\n  b)"),
        ("# :-(\nf(█", "a))", "a)"),
    ],
)
def test_a_bracket_that_closes_nothing_ends_the_text(source: str, text: str, kept: str) -> None:
    assert filters.cut_dangling(text, cursor(source)) == kept


@pytest.mark.parametrize(
    ("source", "text", "kept"),
    [
        # The next line, whole or with what is typed of it.
        ("█\nreturn total\n", "return total", ""),
        ("ret█\n\nreturn total\n", "urn total", ""),
        # Later lines of the text that stand below already.
        ("def f():█\n    return 1\n", "\n    x = 2\n    return 1", "\n    x = 2"),
        ("def f():█\n    return 1\n", "\n    return 1", ""),
        ("{\n    a();\n    █\n    b();\n}", "x();\n    b();\n}", "x();"),
        ("if (a) {█\n}\n", "\n    b();\n}", "\n    b();"),
        # Deeper or not: another line.
        ("if (a) {\n    █\n}\n", "if (b) {\n    }", "if (b) {\n    }"),
        # The line above, or the block of lines above.
        ("total += one\n█", "total += one", ""),
        ("\n    total += one\n\n    tot█", "al += one", ""),
        ("a = load()\nb = save()\n█", "a = load()\nb = save()", ""),
        ("a = load()\nb = save()\n█", "a = load()\nc = save()", "a = load()\nc = save()"),
        # Too little to mean anything.
        ("    }\n█", "    }", "    }"),
        ("[0, 0, 0],\n█", "[0, 0, 0],", "[0, 0, 0],"),
        ("i++;\n█", "i++;", "i++;"),
        ("█", "x = 1", "x = 1"),
    ],
)
def test_lines_around_the_cursor_are_not_repeated(source: str, text: str, kept: str) -> None:
    assert filters.cut_repeats(text, cursor(source)) == kept


@pytest.mark.parametrize(
    ("source", "text", "language", "stays"),
    [
        ("void f() {\n    a();\n    █", "}", "c", False),
        ("void f() {\n    a();\n    █", "} else {", "c", False),
        ("void f() {\n    a();\n█", "}", "c", True),
        ("void f() {\n    if (a) {\n        b();\n    █", "}", "c", True),
        ("void f() {\n    if (a) {\n    █", "}", "c", True),
        ("void f() {\n    if (a) {\n        █", "}", "c", False),
        ("\tif a {\n\t\tb()\n\t\t█", "}", "go", False),
        ("\tif a {\n\t\tb()\n\t█", "}", "go", True),
        ("x = {\n    'a': 1,\n    █", "}", "python", True),
        ("call(\n    █", "})", "javascript", False),
        ("call(function () {\n  a();\n█", "});", "javascript", True),
        ("def f\n  a\n  █", "end", "ruby", False),
        ("def f\n  a\n█", "end", "ruby", True),
        ("def f\n  if a\n    b\n  █", "end", "ruby", True),
        ("def f\n  a\n  █", "end_of_line = 1", "ruby", True),
        ("    x = █", "}", "c", True),
    ],
)
def test_a_block_is_closed_as_far_out_as_it_was_opened(
    source: str, text: str, language: str, stays: bool
) -> None:
    assert filters.cut_misplaced(text, cursor(source, language)) == (text if stays else "")


def test_tabs_are_kept() -> None:
    here = cursor("func f() {█\n}\n", "go")
    text = "\n\tif x {\n\t\treturn\n\t}"
    for one in (filters.cut_overlap, filters.cut_repeats, filters.cut_dangling):
        assert one(text, here) == text
    assert filters.cut_trailing_space(text + "\t\n\t", here) == text


@pytest.mark.parametrize(
    ("text", "least", "kept"),
    [
        ("ab", 3, ""),
        ("a b c", 3, "a b c"),
        ("   \n  a", 3, ""),
        ("));", 3, ""),
        ("});", 1, "});"),
        ("", 1, ""),
        ("()_", 3, "()_"),
        ("日本語", 3, "日本語"),
    ],
)
def test_too_little_is_not_shown(text: str, least: int, kept: str) -> None:
    assert filters.cut_short(text, cursor("█"), least) == kept


@pytest.mark.parametrize(
    ("text", "end", "border"),
    [
        ("self.counter += 1", 7, 5),
        ("self.counter += 1", 12, 12),
        ("self.counter += 1", 4, 4),
        ("self.counter += 1", 17, 17),
        ("counter", 3, 0),
        ("f(a)", 2, 2),
        ("größe_2 = 1", 3, 0),
    ],
)
def test_a_cut_moves_back_to_the_border_of_a_word(text: str, end: int, border: int) -> None:
    assert filters.word_border(text, end) == border


ALL = (
    filters.cut_elision,
    filters.cut_misplaced,
    filters.cut_overlap,
    filters.cut_dangling,
    filters.cut_repeats,
    filters.cut_trailing_space,
)
_CODE = st.lists(
    st.sampled_from(
        [
            "word",
            "end",
            " ",
            "\t",
            "\n",
            "    ",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            '"',
            "'",
            ",",
            "#",
            "\\",
        ]
    ),
    max_size=30,
).map("".join)


@given(
    before=_CODE,
    behind=_CODE,
    text=_CODE,
    language=st.sampled_from(["python", "c", "ruby", "javascript", "rust", ""]),
)
def test_every_filter_leaves_a_start(before: str, behind: str, text: str, language: str) -> None:
    here = cursor(f"{before}█{behind}", language)
    for one in ALL:
        assert text.startswith(one(text, here)), one.__name__
