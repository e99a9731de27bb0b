from __future__ import annotations

import pytest

from polylsp.syntax.languages import LANGUAGES, find, grammar, identify, opens_block, query

NAMES = [language.name for language in LANGUAGES]


@pytest.mark.parametrize("name", NAMES)
def test_each_language_has_a_grammar_and_queries_for_it(name: str) -> None:
    assert grammar(name).node_kind_count > 0
    captures = {query(name).capture_name(index) for index in range(query(name).capture_count)}
    assert {"import", "function", "type", "body"} <= captures


def test_the_languages_are_polycoders_twelve_and_tsx() -> None:
    assert len(NAMES) == len(set(NAMES)) == 13


@pytest.mark.parametrize(
    ("language_id", "path", "expected"),
    [
        ("python", "a.py", "python"),
        ("Python", "", "python"),
        ("c++", "", "cpp"),
        ("cuda-cpp", "a.cu", "cpp"),
        ("javascriptreact", "a.jsx", "javascript"),
        ("js2", "", "javascript"),
        ("typescript", "a.ts", "typescript"),
        ("typescriptreact", "a.tsx", "tsx"),
        ("ts", "", "typescript"),
        ("csharp", "", "csharp"),
        # The editor's word counts for more than the name.
        ("ruby", "a.py", "ruby"),
        ("markdown", "a.py", ""),
        ("haskell", "Main.hs", ""),
        # An editor that does not know is helped out.
        ("", "src/a.RS", "rust"),
        ("plaintext", "a.go", "go"),
        ("text", "lib/a.gemspec", "ruby"),
        ("", "Rakefile", "ruby"),
        ("", "a/b/Gemfile", "ruby"),
        ("", "C:\\code\\A.java", "java"),
        ("", "types.d.ts", "typescript"),
        ("", "build.sbt", "scala"),
        ("", "view.phtml", "php"),
        ("", "notes.txt", ""),
        ("", "Makefile", ""),
        ("", "", ""),
    ],
)
def test_a_document_is_known_by_its_identifier_or_else_its_path(
    language_id: str, path: str, expected: str
) -> None:
    assert identify(language_id, path) == expected


@pytest.mark.parametrize("language", LANGUAGES, ids=NAMES)
def test_every_identifier_and_extension_leads_to_its_language(language: object) -> None:
    one = find(getattr(language, "name"))  # noqa: B009
    assert one is language
    assert one is not None
    for language_id in one.ids:
        assert identify(language_id, "") == one.name
    for end in one.extensions:
        assert identify("", end if end[0] != "." else "file" + end) == one.name


@pytest.mark.parametrize(
    "text",
    [
        "#pragma once\nclass Window;\n",
        "  class Window final : public Widget {\n",
        "namespace a::b {\n}\n",
        "namespace {\n}\n",
        "template <typename T>\nT f();\n",
        "using std::size_t;\n",
        "struct a {\npublic:\n  int b;\n};\n",
        "struct a { std::string b; };\n",
    ],
)
def test_a_header_that_reads_like_cpp_is_cpp(text: str) -> None:
    assert identify("c", "a.h", text) == "cpp"
    assert identify("", "a.h", text) == "cpp"
    assert identify("c", "a.c", text) == "c"


@pytest.mark.parametrize(
    "text",
    [
        "#ifndef A_H\n#define A_H\nstruct a { int class_; };\nint f(void);\n#endif\n",
        '#ifdef __cplusplus\nextern "C" {\n#endif\nvoid f(void);\n',
        "/* A new class of errors; the public interface. */\nint namespace_of(int using_it);\n",
        "",
        "\n" * 30_000,
    ],
)
def test_a_header_that_does_not_is_c(text: str) -> None:
    assert identify("c", "a.h", text) == "c"
    assert identify("cpp", "a.h", text) == "cpp"


OPENS = {
    "c": [
        "int main(void) {",
        "{",
        "struct a {",
        "} else {",
        "do {  // again",
        "for (;;) { /* x */",
    ],
    "cpp": ["namespace a {", "auto f = [](int x) {"],
    "csharp": ["public int F() {", "get {"],
    "go": ["func main() {", "if err != nil {", "switch {", "type T struct {", "go func() {"],
    "java": ["class A {", "list.forEach(x -> {", "} catch (E e) {"],
    "javascript": ["const f = (a) => {", "items.map(function (a) {", "if (a) { // why"],
    "php": ["function f() {", "foreach ($a as $b) {"],
    "python": [
        "def f(x):",
        "    async def f(x):  # why",
        "class A:",
        "elif x == 'a':",
        "else:",
        "try:",
        "with open(url) as f:",
        ") -> int:",
        "        y=2):",
        "case [a, b]:",
    ],
    "ruby": [
        "def f(a = 1)",
        "def self.f",
        "private def f(a = g(1), b = 2)",
        "def name=(value)",
        "class A < B",
        "items.each do |item|",
        "loop do",
        "items.map { |a, b|",
        "x = if y",
        "@x ||= begin",
        "when 1, 2",
        "else",
        "rescue KeyError => e",
        "until done # yet",
    ],
    "rust": ["fn f() -> u8 {", "match x {", "Some(x) => {", "impl<T> A for B<T> {"],
    "scala": [
        "object A {",
        "def f(x: Int): Int =",
        "case Some(x) =>",
        "class A:",
        "x match",
        "then",
    ],
    "typescript": ["interface A {", "export const f = async (): Promise<void> => {"],
    "tsx": ["return items.map((item) => {"],
    "": ["if x {", "function f(", "while true:", "list = ["],
}
OPENS_NOT = {
    "c": ["int x = 1;", "}", "", "// {", "f(a, b);", "char *s = u8;  // a {"],
    "cpp": ["Matrix() : x(1) {}", "public:"],
    "csharp": ["int x => 1;", "{ get; set; }"],
    "go": ['url := "http://a.b"', "x := T{}", "case 1:"],
    "java": ["@Override", "int[] a = {1};"],
    "javascript": ["const a = {};", "return a"],
    "php": ["<?php", "$x = [];"],
    "python": [
        '    "key":',
        "'a': 1,",
        "x = y[1:",
        "x: int",
        "lambda x:",
        "return x",
        "# def f():",
        "x = 1  # note:",
        "",
    ],
    "ruby": [
        "def f; end",
        "def f(x) = x + 1",
        "def f = 1",
        "if x then y end",
        "when 1 then 2",
        "end",
        "x = y if z",
        "class A; end",
        "items.each { |a| puts a }",
        "# def f",
    ],
    "rust": ["let x = 1;", "use a::{b, c};", "fn f() {}"],
    "scala": ["val x = 1", "import a._", "x == y"],
    "typescript": ["type A = string;", "x: number;"],
    "tsx": ["<b>{x}</b>"],
    "": ["x = 1", "end", "# note:"],
}


@pytest.mark.parametrize(
    ("name", "line", "opens"),
    [(name, line, True) for name, lines in OPENS.items() for line in lines]
    + [(name, line, False) for name, lines in OPENS_NOT.items() for line in lines],
)
def test_a_line_opens_a_block_or_does_not(name: str, line: str, opens: bool) -> None:
    assert opens_block(name, line) is opens
    assert opens_block(name, "    " + line + "  ") is opens


def test_every_language_is_told_how_its_blocks_open() -> None:
    assert {*OPENS} == {*OPENS_NOT} == {*NAMES, ""}
