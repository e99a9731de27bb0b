"""PolyCoder's twelve languages, and what is known of each.

Grammars are separate wheels and are imported when the first document of their language is parsed.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

import tree_sitter


@dataclass(frozen=True, slots=True)
class Language:
    """One language, or a dialect of one with a grammar of its own."""

    name: str
    ids: tuple[str, ...]  # LSP's language identifiers.
    extensions: tuple[str, ...]
    comment: str  # What starts a line comment.
    module: str  # The wheel that holds the grammar.
    function: str = "language"
    queries: str = ""  # The query file's name, where it is not the language's own.
    opener: str = r"\{$"  # What a line of code looks like that opens a block.
    stub: str = ";"  # What stands for the body of a function that is shown without it …
    type_stub: str | None = None  # … and for that of a type, where it is another.


LANGUAGES = (
    Language("c", ("c",), (".c", ".h"), "//", "tree_sitter_c"),
    Language(
        "cpp",
        ("cpp", "c++", "cuda-cpp"),
        (
            ".cc",
            ".cpp",
            ".cxx",
            ".c++",
            ".hh",
            ".hpp",
            ".hxx",
            ".h++",
            ".inl",
            ".ipp",
            ".cu",
            ".cuh",
        ),
        "//",
        "tree_sitter_cpp",
    ),
    Language("csharp", ("csharp", "cs"), (".cs", ".csx"), "//", "tree_sitter_c_sharp"),
    Language("go", ("go",), (".go",), "//", "tree_sitter_go", stub=" { ... }"),
    Language("java", ("java",), (".java",), "//", "tree_sitter_java"),
    Language(
        "javascript",
        ("javascript", "javascriptreact", "js", "js2", "jsx", "rjsx"),
        (".js", ".mjs", ".cjs", ".jsx"),
        "//",
        "tree_sitter_javascript",
        stub=" { ... }",
    ),
    Language("php", ("php",), (".php", ".phtml", ".inc"), "//", "tree_sitter_php", "language_php"),
    Language(
        "python",
        ("python",),
        (".py", ".pyi", ".pyw"),
        "#",
        "tree_sitter_python",
        # Not a key of a dictionary, nor a slice.
        opener=r"^(?:async\s+)?(?:def|class|if|elif|else|for|while|with|try|except|finally|match|case)\b.*:$"
        r"|^[)\]}].*:$|[)\]]:$",
        stub=" ...",
    ),
    Language(
        "ruby",
        ("ruby",),
        (".rb", ".rake", ".gemspec", ".ru", "Rakefile", "Gemfile"),
        "#",
        "tree_sitter_ruby",
        # A method may also be one expression behind `=`, with no end.
        opener=r"^(?:(?:private|protected|public|private_class_method)\s+)?def\s+"
        r"(?![\w.?!]+\s*(?:\(.*\))?\s*=(?:\s|$))(?!.*\bend$)"
        r"|^(?:class|module|if|unless|while|until|for|case|when|in|begin|else|elsif|rescue|ensure)\b"
        r"(?!.*\b(?:end$|then\s+\S))"
        r"|=\s*(?:if|unless|case|begin)\b(?!.*\bend$)|(?:\bdo|\{)(?:\s*\|[^|]*\|)?$",
        stub="; end",
    ),
    Language("rust", ("rust",), (".rs",), "//", "tree_sitter_rust"),
    Language(
        "scala",
        ("scala",),
        (".scala", ".sc", ".sbt"),
        "//",
        "tree_sitter_scala",
        # Scala 3 may do without braces.
        opener=r"(?:[{=:]|=>|\b(?:match|then|else|do|yield|try|finally))$",
        stub=" = ???",
        type_stub="",
    ),
    Language(
        "typescript",
        ("typescript", "ts"),
        (".ts", ".mts", ".cts"),
        "//",
        "tree_sitter_typescript",
        "language_typescript",
    ),
    Language(
        "tsx",
        ("typescriptreact", "tsx"),
        (".tsx",),
        "//",
        "tree_sitter_typescript",
        "language_tsx",
        queries="typescript",
    ),
)

_BY_NAME = {language.name: language for language in LANGUAGES}
_BY_ID = {id_: language for language in LANGUAGES for id_ in language.ids}
_BY_EXTENSION = {end: language for language in LANGUAGES for end in language.extensions}


def find(name: str) -> Language | None:
    """The language by its own name."""
    return _BY_NAME.get(name)


def identify(language_id: str, path: str, text: str = "") -> str:
    """The name of a document's language, or "" for none of the twelve.

    The editor's identifier counts for more than the path; an editor without one ("", "plaintext") is
    helped out by the path. A C header that reads like C++ is C++.
    """
    known = _BY_ID.get(language_id.lower())
    if known is None and language_id.lower() in ("", "plaintext", "text", "fundamental"):
        name = PurePosixPath(path.replace("\\", "/"))
        known = _BY_EXTENSION.get(name.suffix.lower()) or _BY_EXTENSION.get(name.name)
    if known and known.name == "c" and path.lower().endswith(".h") and _CPP.search(text, 0, 20_000):
        return "cpp"
    return known.name if known else ""


_CPP = re.compile(
    r"^[ \t]*(?:class\s+\w+[\s\w:<>,]*[{;]|namespace\b[\s\w:]*\{|template\s*<|using\s+\w+|"
    r"(?:public|private|protected)\s*:)|\bstd::\w",
    re.MULTILINE,
)


def opens_block(name: str, line: str) -> bool:
    """Whether a block starts behind `line`. For an unknown language any bracket or colon will do."""
    language = _BY_NAME.get(name)
    code = _code(line, language.comment if language else "#")
    return re.search(language.opener if language else r"[:{(\[]$", code) is not None


def _code(line: str, comment: str) -> str:
    """`line` without its comment, as far as that can be told without a parser: `//` stands in URLs too."""
    mark = re.escape(comment)
    found = re.search(rf"(?:^|\s){mark}|{mark}\s", line)
    code = (line[: found.start()] if found else line).strip()
    return code[: code.rfind("/*")].rstrip() if code.endswith("*/") else code


@cache
def grammar(name: str) -> tree_sitter.Language:
    language = _BY_NAME[name]
    module = importlib.import_module(language.module)
    return tree_sitter.Language(getattr(module, language.function)())


@cache
def query(name: str) -> tree_sitter.Query:
    """What to look for in a tree: @import; @function, @type and @namespace with their @body."""
    file = f"{_BY_NAME[name].queries or name}.scm"
    source = resources.files(__package__).joinpath("queries", file).read_text(encoding="utf-8")
    return tree_sitter.Query(grammar(name), source)
