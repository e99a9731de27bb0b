"""What would break the code is told from what is only unfinished, in all twelve languages."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.completer import snapshot
from polylsp.suggest.syntax import breaks
from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.parser import Trees
from polylsp.types import Cursor
from tests.marks import cursor
from tests.places import SAMPLES

FILES = sorted(SAMPLES.iterdir())
NAMES = [language.name for language in LANGUAGES]


def broken(here: Cursor, text: str) -> bool:
    tree = Trees().parse(here.snapshot)
    assert tree is not None
    return breaks(tree, here.offset, text)


@pytest.mark.parametrize(
    ("source", "text", "language"),
    [
        ("def f(a):\n    return █\n", "a +", "python"),
        ("for i in █:\n    pass\n", "range(", "python"),
        ("int f(int a)\n{\n    return █\n}\n", "a + (1", "c"),
        ("int f(int a) {\n    return a█\n}\n", ".begin(", "cpp"),
        ("class A\n{\n    int F(int a) {\n        █\n    }\n}\n", "if (a ==", "csharp"),
        ("package a\n\nfunc f() error {\n\t█\n}\n", "if err != nil {", "go"),
        ("class A {\n    int f(int a) {\n        return █\n    }\n}\n", "new int[", "java"),
        ("function f(a) {\n  return █\n}\n", "a.map((one) => {", "javascript"),
        ("<?php\nfunction f($a)\n{\n    return █\n}\n", "array_map('trim', ", "php"),
        ("def f(a)\n  █\nend\n", "a.each do |one|", "ruby"),
        ("fn f(a: u8) -> u8 {\n    █\n}\n", "match a {", "rust"),
        ("object A {\n  def f(a: Int) = █\n}\n", "a match {", "scala"),
        ("function f(a: number): number {\n  return █\n}\n", "a as", "typescript"),
        ("const a = () => █;\n", "<div className={", "tsx"),
    ],
)
def test_what_is_only_open_at_its_end_breaks_nothing(source: str, text: str, language: str) -> None:
    assert not broken(cursor(source, language), text)


@pytest.mark.parametrize(
    ("source", "text", "language"),
    [
        ("def f(a):\n    return █\n", "a + ) + 1", "python"),
        ("int f(int a)\n{\n    return █\n}\n", "a ] + 1;", "c"),
        ("int f(int a) {\n    return █\n}\n", "a + ) 1;", "cpp"),
        ("class A\n{\n    int F(int a) {\n        █\n    }\n}\n", "if a == ) { }", "csharp"),
        ("package a\n\nfunc f() error {\n\t█\n}\n", "if ) != nil { return }", "go"),
        ("class A {\n    int f(int a) {\n        return █\n    }\n}\n", "a + ] 1;", "java"),
        ("function f(a) {\n  return █\n}\n", "a ] + 1;", "javascript"),
        ("<?php\nfunction f($a)\n{\n    return █\n}\n", "$a ] + 1;", "php"),
        ("def f(a)\n  █\nend\n", "a ] + 1", "ruby"),
        ("fn f(a: u8) -> u8 {\n    █\n}\n", "let ) = a;", "rust"),
        ("object A {\n  def f(a: Int) = █\n}\n", "a ] + 1", "scala"),
        ("function f(a: number): number {\n  return █\n}\n", "a ] + 1;", "typescript"),
        ("const a = () => █;\n", "<div ] />", "tsx"),
    ],
)
def test_what_is_wrong_before_its_end_breaks_the_code(
    source: str, text: str, language: str
) -> None:
    assert broken(cursor(source, language), text)


def test_errors_that_were_there_before_do_not_count() -> None:
    wrong = "def f(:\n    return a +* b\n"
    assert not broken(cursor(f"{wrong}\nx = █\n"), "1")
    assert not broken(cursor(f"x = █\n{wrong}"), "1")
    assert not broken(cursor("x = (1 ]] + █\n"), "2")


@pytest.mark.parametrize(
    ("source", "text", "language"),
    [
        ("# So █\n", "long ) ] as it's a comment", "python"),
        ('x = "█"\n', "anything ) ]", "python"),
        ("/* So █ */\n", "long ) ] as it's a comment", "c"),
        ("/**\n * So █\n", "long ) ] as it's", "java"),
        ('x = "a █', "b ) ]", "python"),
    ],
)
def test_in_comments_and_strings_anything_may_be_said(
    source: str, text: str, language: str
) -> None:
    assert not broken(cursor(source, language), text)


@pytest.mark.parametrize(
    ("text", "breaks_it"),
    [
        ("1  # It's (", False),
        ('"It is ) ', False),
        ('1 ) + "It is ', True),
        ('"""It is\n    long ) ', False),
    ],
)
def test_a_text_is_judged_up_to_the_literal_that_it_leaves_open(text: str, breaks_it: bool) -> None:
    assert broken(cursor("x = █\n"), text) == breaks_it


def test_it_is_the_uncut_text_that_is_judged() -> None:
    here = cursor("def f(a):\n    return █\n")
    assert broken(here, "a + ) + 1")
    assert not broken(here, "a +")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.suffix[1:])
def test_real_code_hardly_ever_breaks_itself(file: Path) -> None:
    """Wherever in a real file the cursor stands, what the file goes on with is let through."""
    text = file.read_text(encoding="utf-8")
    ends = [token.end() for token in re.finditer(r"\w+|[^\w\s]+|\n\s*", text)]
    random_ = random.Random(file.name)
    wrong = []
    for _ in range(40):
        first = random_.randrange(10, len(ends) - 16)
        start, end = ends[first], ends[first + random_.choice((1, 2, 4, 8, 16))]
        below = text[text.find("\n", end) :]
        here = Cursor(snapshot(file.as_uri(), 1, "", text[:start] + below, file.name), start)
        if broken(here, text[start:end]):
            wrong.append(text[start:end])
    assert len(wrong) <= 1, wrong


def test_code_may_be_nested_deeper_than_the_stack() -> None:
    here = cursor("x = " + "(" * 5000 + "█" + ")" * 5000)
    assert not broken(here, "1")
    assert broken(here, "1, ], 2") in (True, False)


@given(
    before=st.text("ab(){}[]\"'/*#\\\n \té日\U0001f600", max_size=40),
    behind=st.text("ab(){}[]\"'\n", max_size=20),
    text=st.text("ab(){}[]\"'/*#\\\n \té日\U0001f600", max_size=20),
    language=st.sampled_from(NAMES),
)
def test_any_code_can_be_judged(before: str, behind: str, text: str, language: str) -> None:
    here = cursor(f"{before}█{behind}", language)
    assert broken(here, text) in (True, False)
