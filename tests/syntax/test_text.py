from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polylsp.syntax.languages import LANGUAGES
from polylsp.syntax.parser import Trees
from polylsp.syntax.text import in_text
from tests.marks import cursor, snapshot


@pytest.mark.parametrize(
    ("language", "marked", "expected"),
    [
        # Comments: a line's goes on at its end, a block's does not.
        ("python", "x = 1  # a█", "comment"),
        ("python", "x = 1  # a\n█y = 2\n", ""),
        ("python", "x = 1 █ # a", ""),
        ("c", "int a; // b█\nint c;\n", "comment"),
        ("c", "int a; /* b █ c */\n", "comment"),
        ("c", "int a; /* b */█\n", ""),
        ("c", "int a; // b */█\n", "comment"),
        ("rust", "/// a█\nfn f() {}\n", "comment"),
        ("rust", "/// a\n█fn f() {}\n", ""),
        ("rust", "//! a\n█\nfn f() {}\n", ""),
        ("ruby", "=begin\na█\n=end\nx = 1\n", "comment"),
        ("php", "<?php\n# a█\n$x = 1;\n", "comment"),
        ("scala", "/** a █*/\ndef f = 1\n", "comment"),
        # Strings.
        ("python", "x = 'a█b'", "string"),
        ("python", "x = █'ab'", ""),
        ("python", "x = 'ab'█", ""),
        ("python", "x = '█'", "string"),
        ("python", 'def f():\n    """a█"""\n', "string"),
        ("c", 'char *x = "a█";\n', "string"),
        ("c", 'char *x = "a\\█n";\n', "string"),
        ("cpp", 'auto x = R"(a█)";\n', "string"),
        ("csharp", 'var x = @"a█";', "string"),
        ("go", "package a\n\nvar x = `a█\nb`\n", "string"),
        ("java", 'class A { String x = """\n  a█\n"""; }', "string"),
        ("ruby", "x = %w[a█ b]\n", "string"),
        ("ruby", "x = <<~END\n  a█\nEND\n", "string"),
        ("php", "<?php\n$x = <<<END\na█\nEND;\n", "string"),
        ("rust", 'fn f() { let x = r#"a█"#; }', "string"),
        ("scala", 'val x = """a█"""', "string"),
        ("typescript", "let a: str█ing;", ""),
        # Code inside of a string is code.
        ("python", "x = f'a {b█} c'", ""),
        ("python", "x = f'a {b} █c'", "string"),
        ("python", "x = f'a {b}█ c'", "string"),
        ("javascript", "x = `a ${b.█} c`", ""),
        ("javascript", "x = `a ${b} █c`", "string"),
        ("tsx", "x = `a ${f('█')} c`", "string"),
        ("ruby", 'x = "a #{b█} c"', ""),
        ("ruby", 'x = "a #{b} █c"', "string"),
        ("csharp", 'var x = $"a {b█} c";', ""),
        ("csharp", 'var x = $"█a {b} c";', "string"),
        ("scala", 'val x = s"a ${b█} c"', ""),
        ("scala", 'val x = s"█a ${b} c"', "string"),
        ("php", '<?php\n$x = "a {$b->█c} d";\n', ""),
        ("php", '<?php\n$x = "a █ $b d";\n', "string"),
        # What nothing closes yet.
        ("python", 'def f():\n    """a\n    b█\n\ndef g():\n    pass\n', "comment"),
        ("python", "def f():\n    '''a█\n", "comment"),
        ("python", "x = 1\n█\ny = '''\n", ""),
        ("python", 'print("a b█\nx = 1\n', "string"),
        ("javascript", "f('a b█\n", "string"),
        ("javascript", "x = `a\nb█\nlet y = 1;\n", "string"),
        ("c", 'void f() { g("a b█\n}\n', "string"),
        ("c", "int a;\n/* b\n * c█\nint d(int x) { return x; }\n", "comment"),
        ("java", "class A {\n  /** a\n   * don't█\n  int b;\n}\n", "comment"),
        ("go", 'package a\n\nfunc f() {\n\tg("a█\n}\n', "string"),
        ("scala", 'def f() = {\n  println("a b█\n}\n', "string"),
        ("ruby", 'def f\n  puts "a b█\nend\n', "string"),
        ("rust", 'fn f() {\n    g("a b█\n}\n', "string"),
        ("php", '<?php\nf("a b█\n', "string"),
        ("csharp", 'class A { void F() { g("a b█\n } }\n', "string"),
        # What only looks like an opening.
        ("javascript", 'let a = "src/*.js";\nlet b = 1;█\n', ""),
        ("javascript", "let a = /x/*2;\nlet b = 1;█\n", ""),
        ("c", "// a /* b\nint c;█\n", ""),
        ("python", 'x = 1  # not a """\ny = 2█\n', ""),
        ("python", 'x = "don\'t" █\n', ""),
        ("rust", "fn f<'a>(x: &'a str) { █ }\n", ""),
        ("tsx", "let a = <p>don't</p>; let b = █1;\n", ""),
        ("c", "char a = '\"'; int b = █1;\n", ""),
    ],
)
def test_a_place_is_in_a_comment_a_string_or_code(
    language: str, marked: str, expected: str
) -> None:
    place = cursor(marked, language)
    tree = Trees().parse(place.snapshot)
    assert tree is not None
    assert in_text(tree, place.offset) == expected


@given(
    st.sampled_from([language.name for language in LANGUAGES]),
    st.lists(
        st.sampled_from(["'", '"', "`", "/*", "*/", "{", "}", "#", "x ", "\n", '"""']), max_size=12
    ),
    st.integers(0, 40),
)
def test_any_place_in_anything_has_an_answer(language: str, parts: list[str], at: int) -> None:
    text = "".join(parts)
    tree = Trees().parse(snapshot(text, language))
    assert tree is not None
    assert in_text(tree, min(at, len(text))) in ("", "comment", "string")


def test_an_empty_file_is_code() -> None:
    for language in LANGUAGES:
        tree = Trees().parse(snapshot("", language.name))
        assert tree is not None
        assert in_text(tree, 0) == ""
