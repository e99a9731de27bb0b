"""What is open before a cursor, and what closes too much behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.suggest.brackets import Before, masked, open_literal, too_much
from polylsp.syntax.languages import LANGUAGES
from tests.marks import cursor

NAMES = [language.name for language in LANGUAGES]


def at(source: str, text: str, language: str = "python") -> str:
    """`text` up to the bracket that closes too much."""
    here = cursor(source, language)
    return text[: too_much(Before.of(here), text, here.line_suffix)]


@pytest.mark.parametrize(
    ("source", "text", "kept"),
    [
        ("f(█", "a)", "a)"),
        ("f(█", "a))", "a)"),
        ("x = █", "[a for a in b])", "[a for a in b]"),
        ("f(█)", "a)", "a"),
        ("f(g(█)", "a))", "a)"),
        ("f(g(█))", "a)", "a"),
        ("f(█)", "g(a), (b))", "g(a), (b)"),
        ("f(\n    a, █)", "b)", "b"),
        ("f(\n    g(█)", "b))", "b)"),
        ("x[f(█]", "a)]", "a)"),
        ("f(█) + g(b)", "a)", "a"),
        ("f(█", "", ""),
    ],
)
def test_a_bracket_may_close_what_is_open_and_not_closed_behind(
    source: str, text: str, kept: str
) -> None:
    assert at(source, text) == kept


@pytest.mark.parametrize(
    ("source", "text", "language"),
    [
        ('print("(█', 'a)")', "python"),
        ('f("(") + g(█', "a)", "python"),
        ("# (\nf(█", "a)", "python"),
        ("'''(\n(\n'''\nf(█", "a)", "python"),
        ("f(█", '")", a)', "python"),
        ("f(█", "a, # :)\n b)", "python"),
        ("f('\\'(', █", "a)", "javascript"),
        ("g(`${(a)}`, █", "a)", "javascript"),
        ("f(█", "')', a)", "c"),
        ("f('\\'', █", "a)", "c"),
        ("// it's (\nf(█", "a)", "c"),
        ("/* ( */ f(█", "a) /* ) */;", "c"),
        ('f(@"c:\\", █', "a)", "csharp"),
        ("fn f<'a>(x: &'a (u8, █", "u8)) {}", "rust"),
        ("#[derive(█", "Debug)]", "rust"),
        ("#[Attribute(█", "1)]", "php"),
        ("# it's (\nf(█", "$a)", "php"),
        ("f(`(\n`, █", "a)", "go"),
        ('f("#{g(1)} (", █', "a)", "ruby"),
        ('f("""(\n""", █', "a)", "scala"),
    ],
)
def test_brackets_in_strings_and_comments_count_for_nothing(
    source: str, text: str, language: str
) -> None:
    assert at(source, text, language) == text
    assert at(source, text + ")]", language) == text


def test_a_string_may_be_open_at_the_cursor() -> None:
    assert at('f("a)█', 'b)")') == 'b)")'
    assert at("f('█", ":-)')", "php") == ":-)')"


def test_a_brace_may_have_been_opened_further_up_than_is_looked() -> None:
    body = "    step();\n" * 1000
    assert at(f"void f() {{\n{body}█", "    end();\n}", "c") == "    end();\n}"
    assert at(f"void f() {{\n{body}█", "    end());\n}", "c") == "    end()"


@pytest.mark.parametrize(
    ("literal", "language"),
    [
        ('"""' + "It's (a\nlong) story\n" * 400 + '"""\n', "python"),
        ("/*" + " * It's a (long\n * story\n" * 400 + "*/\n", "java"),
    ],
)
def test_a_long_comment_may_start_further_up_than_is_looked(literal: str, language: str) -> None:
    assert at(f"{literal}f(█", "a))", language) == "a)"
    assert at(f"f(1)\n{literal}f(█", "a))", language) == "a)"


def test_literals_are_blanked_in_place() -> None:
    assert masked("f('(') # )\ng()", "python") == "f(   )    \ng()"
    assert masked("a /* ( \n ) */ b", "c") == "a      \n      b"


@pytest.mark.parametrize(
    ("text", "language", "start"),
    [
        ("x = 'abc", "python", 4),
        ("x = 'abc'", "python", None),
        ('x = "a\\"', "python", 4),
        ("x = 'abc\n", "python", None),
        ("# abc", "python", 0),
        ("x = '''a\nb", "python", 4),
        ("/* a\n b", "c", 0),
        ("x = a // b", "python", None),
        ("x = a // b", "c", 6),
    ],
)
def test_what_the_text_ends_in_is_known(text: str, language: str, start: int | None) -> None:
    assert open_literal(text, language) == start


@given(
    before=st.text("ab()[]{}\"'`/*#\\\n $@", max_size=60),
    text=st.text("ab()[]{}\"'`/*#\\\n $@", max_size=30),
    behind=st.text("ab()[]{}\"' ", max_size=10),
    language=st.sampled_from([*NAMES, ""]),
)
def test_any_text_can_be_judged(before: str, text: str, behind: str, language: str) -> None:
    found = too_much(Before(before, language, whole=True), text, behind)
    assert found is None or text[found] in ")]}"
    blank = masked(before, language)
    assert len(blank) == len(before)
    assert [i for i, c in enumerate(blank) if c == "\n"] == [
        i for i, c in enumerate(before) if c == "\n"
    ]
