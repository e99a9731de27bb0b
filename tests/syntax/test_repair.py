from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.outline import outline
from polylsp.syntax.parser import Trees
from polylsp.syntax.repair import Repair, closed, without_line
from polylsp.types import Span
from tests import golden
from tests.marks import cursor

NAMES = [language.name for language in LANGUAGES]
CODE = {case.given[0].language: case.given[0].text for case in golden.cases("outline")[:13]}


@pytest.mark.parametrize(
    ("language", "marked", "expected"),
    [
        # The line goes, and what its block left open is closed.
        ("c", "int f() {\n    if (x█\n\nint g() {\n}\n", "int f() {\n    █}\n\nint g() {\n}\n"),
        ("c", "int f() {\n    if (█)\n}\n", "int f() {\n    █\n}\n"),
        ("go", "func f() {\n\tg(\n\t\ta█", "func f() {\n\tg(\n\t\t█)}"),
        ("java", "class A {\n  void f() {\n    █\n  }\n", "class A {\n  void f() {\n    █}\n  }\n"),
        ("typescript", "x = [\n  {\n    a█", "x = [\n  {\n    █}]"),
        # A statement that is still open is ended.
        ("c", "int f(int a)\n█\nint g(int a)\n{\n}\n", "int f(int a)\n█;\nint g(int a)\n{\n}\n"),
        # Something has to stand where a block needs a statement.
        ("python", "def f():\n    retu█\n\nx = 1\n", "def f():\n    █x\n\nx = 1\n"),
        ("python", "f(\n    a█\nx = 1\n", "f(\n    █x)\nx = 1\n"),
        ("ruby", "class A\n  def f\n    a█", "class A\n  def f\n    █x\nend\nend"),
        (
            "ruby",
            "def f\n  a.each do |b|\n    c█\nend\n",
            "def f\n  a.each do |b|\n    █x\nend\nend\n",
        ),
        ("ruby", "def f = 1\nx.end\n█", "def f = 1\nx.end\n█x"),
        ("ruby", "while a do\n  b█\nend\n", "while a do\n  █x\nend\n"),
        # What is closed behind the cursor but opened nowhere belongs to the line, too.
        (
            "c",
            "int f() {\n    if (█\n        g();\n    }\n}\nint h();\n",
            "int f() {\n    █\n}\nint h();\n",
        ),
        ("c", "b█\n    return 1;\n}\nint h();\n", "█\nint h();\n"),
        # Brackets in comments and strings are text.
        (
            "c",
            "int f() { // {\n    g(\"{\", '{'); /* { */\n    █\n",
            "int f() { // {\n    g(\"{\", '{'); /* { */\n    █}\n",
        ),
        (
            "javascript",
            "x = /[(]/;\nf(`{${'('}`, () => {\n  █",
            "x = /[(]/;\nf(`{${'('}`, () => {\n  █})",
        ),
        ("python", "x = '''(\n'''\ny = \"(\"  # (\n█", "x = '''(\n'''\ny = \"(\"  # (\n█x"),
        (
            "rust",
            'fn f<\'a>() {\n    let x = r#"{"#;\n    █',
            'fn f<\'a>() {\n    let x = r#"{"#;\n    █}',
        ),
        ("csharp", 'var x = @"\\";\nvoid F() {\n█', 'var x = @"\\";\nvoid F() {\n    █}'),
        (
            "php",
            "<?php\nfunction f() { # {\n  f(#[A]\n  fn() => 1);\n  █",
            "<?php\nfunction f() { # {\n  f(#[A]\n  fn() => 1);\n  █}",
        ),
        # A comment or a string that is open over lines is closed.
        ("java", "class A {\n  /**\n   * a█\n  int b;\n", "class A {\n  /**\n   █*/}\n  int b;\n"),
        ("python", 'def f():\n    """\n    a█\n', 'def f():\n    """\n    █"""\n'),
        # A blank line may be half typed: it is as deep as the code above, or as what that opens.
        (
            "python",
            "class A:\n    b = (1)\n█\n    c = 2\n",
            "class A:\n    b = (1)\n    █x\n    c = 2\n",
        ),
        ("python", "class A:\n█\n    c = 2\n", "class A:\n    █x\n    c = 2\n"),
        ("python", "class A:\n    b = 1\nd█\n", "class A:\n    b = 1\n█x\n"),
        # One that is closed behind the cursor is left as it is.
        (
            "java",
            "class A {\n  /*\n   * a█\n   */\n  int b;\n",
            "class A {\n  /*\n   █}\n   */\n  int b;\n",
        ),
    ],
)
def test_what_is_left_of_the_code(language: str, marked: str, expected: str) -> None:
    found = _repair(language, marked)
    source = found.source.decode()
    assert source[: found.offset] + "█" + source[found.offset :] == expected


@pytest.mark.parametrize("language", NAMES)
def test_what_is_typed_on_a_line_does_not_matter(language: str) -> None:
    marked = CODE[language]
    sources = {
        _repair(language, marked.replace("█", typed)).source
        for typed in ("█", "f(█", 'x = "█', "if (a) {█", "█)")
    }
    assert len(sources) == 1


@pytest.mark.parametrize("language", NAMES)
def test_whole_code_stays_whole(language: str) -> None:
    found = _repair(language, CODE[language])
    tree = Trees().parse_repaired("u", "closed", language, found.source)
    assert tree is not None
    text = CODE[language].replace("█", "")
    before = Trees().parse_repaired("u", "", language, _ascii(text))
    assert before is not None
    assert tree.root.has_error <= before.root.has_error


@pytest.mark.parametrize("language", NAMES)
def test_an_open_bracket_swallows_nothing(language: str) -> None:
    """The outline of code in which `(` was just typed is that of the code without the line."""
    whole = cursor(CODE[language].replace("█", "█"), language)
    broken = CODE[language].replace("█", "f((█")
    found = _repair(language, broken)
    tree = Trees().parse_repaired("u", "closed", language, found.source)
    intact = Trees().parse(whole.snapshot)
    assert tree is not None
    assert intact is not None
    text = broken.replace("█", "")
    around = outline(tree, found.offset).moved(found.back)
    expected = outline(intact, whole.offset)
    assert [one.signature.of(text) for one in around.siblings] == [
        one.signature.of(whole.snapshot.text) for one in expected.siblings
    ]
    assert [one.header.of(text) for one in around.scopes] == [
        one.header.of(whole.snapshot.text) for one in expected.scopes
    ]


@pytest.mark.parametrize(
    ("language", "marked", "expected"),
    [
        ("c", "int f() {\n    if (x█\n}\n", "int f() {\n    █\n}\n"),
        ("c", "int f()█\n{\n    g();\n}\n", "█\n{\n    g();\n}\n"),
        ("c", "int f(int a█) {\n    g();\n}\n", "int f(int a█) {\n    g();\n}\n"),
        ("python", "def f():\n    retu█\n", "def f():\n    █x\n"),
        ("python", "def f(a█):\n    return 1\n", "def f(a█):\n    return 1\n"),
        ("go", "func f() {\n\tg(█)\n", "func f() {\n\t█\n"),
        ("go", "█", "█"),
    ],
)
def test_without_its_line_code_keeps_its_brackets_and_the_heads_of_its_blocks(
    language: str, marked: str, expected: str
) -> None:
    place = cursor(marked, language)
    found = without_line(language, _ascii(place.snapshot.text), place.offset)
    source = found.source.decode()
    assert source[: found.offset] + "█" + source[found.offset :] == expected


@given(st.sampled_from(NAMES), st.sampled_from([closed, without_line]), st.data())
def test_spans_outside_of_what_was_cut_go_back_to_their_own_text(
    language: str, repair: Callable[[str, bytes, int], Repair | None], data: st.DataObject
) -> None:
    text = CODE[language].replace("█", "")
    offset = data.draw(st.integers(0, len(text)))
    found = repair(language, _ascii(text), offset)
    assert found is not None
    source = found.source.decode()
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    back = found.back(Span(start, end))
    assert 0 <= back.start <= back.end <= len(text)
    if end <= found.cut.start or start >= found.cut.start + found.inserted:
        assert back.of(text) == source[start:end]


@given(
    st.sampled_from(NAMES),
    st.lists(st.sampled_from([*"(){}[]'\"`/*#\\\n x=|", "end", "do ", "def f\n", "\n    "])),
    st.integers(0, 60),
)
def test_anything_can_be_repaired(language: str, parts: list[str], at: int) -> None:
    text = "".join(parts)
    found = closed(language, text.encode(), min(at, len(text)))
    assert found is not None
    assert 0 <= found.offset <= len(found.source)


def test_a_very_long_text_is_left_alone() -> None:
    assert closed("c", b"int a;\n" * 20_000, 7) is None


@pytest.mark.parametrize("mark", ["(", '"', "'", "/*", "//", "`", "\\", '@"', 'r#"', "/", "#"])
@pytest.mark.parametrize("language", ["javascript", "csharp", "rust", "python", "ruby"])
def test_no_text_takes_long(language: str, mark: str) -> None:
    """Each of these would not come to an end in time if it took a square of its length."""
    for text in (mark * (90_000 // len(mark)), mark * (45_000 // len(mark)) + "}" * 45_000):
        assert closed(language, text.encode(), 0) is not None
        assert closed(language, text.encode(), len(text)) is not None


def _repair(language: str, marked: str) -> Repair:
    place = cursor(marked, language)
    found = closed(language, _ascii(place.snapshot.text), place.offset)
    assert found is not None
    return found


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")
