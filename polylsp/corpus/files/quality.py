"""What people did not write, or nobody learns from: each rule gives True for a file that should go.

The rules and their thresholds are those that published code corpora agree on; the texts are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from polylsp.corpus.files.source import SourceFile

SMALLEST, LARGEST = 200, 400_000  # Bytes.
_FEWEST_WORDS = 20
_LONGEST_LINE, _MEAN_LINE = 1_000, 100  # Characters.
_LEAST_ALPHANUMERIC = 0.25
_HEAD_LINES = 12

# Whose code it is, nobody said; or it is what a build left.
_VENDORED = frozenset(
    (
        *("vendor", "vendored", "_vendor", "node_modules", "bower_components", "third_party"),
        *("third-party", "thirdparty", "3rdparty", "3rd_party", "external", "externals", "extern"),
        *("deps", "jspm_packages", "site-packages", "dist-packages", "contrib-deps", "godeps"),
    )
)
_OUTPUT = frozenset(
    (
        *("dist", "umd", "cjs", "esm", "es5", "es6", "amd", "min", "lib-esm", "dist-src"),
        *("autom4te.cache", "_build", "__generated__", "generated", "__snapshots__"),
    )
)
_MADE_NAMES = re.compile(
    r"(?i)(?:\.pb\.(?:go|cc|h)|_pb2(?:_grpc)?\.pyi?|\.(?:g|designer|generated|gen)\.\w+"
    r"|_generated\.\w+|(?:^|/)zz_generated[^/]*|\.d\.[cm]?ts|_string\.go|\.yy?\.c|\.tab\.[ch]"
    r"|(?:^|/)(?:bindata|lex\.yy|parser\.tab|y\.tab)\.\w+)$"
)
_MADE_TEXT = re.compile(
    r"(?i)\b(?:auto(?:matically|matic)?[- _]?generated|generated (?:by|from|with|using|code|file)\b"
    r"|do not (?:edit|modify)|don't edit|this file (?:is|was) (?:machine )?generated|@generated)"
)
# What compilers of TypeScript and bundlers write.
_COMPILED = re.compile(
    r"Object\.defineProperty\(exports, ['\"]__esModule['\"]|^//# sourceMappingURL="
    r"|^var __(?:awaiter|extends|importDefault|create|defProp|decorate)\b|_interopRequire"
    r"|\b__webpack_require__\b|\b_createClass\(|\b_classCallCheck\(",
    re.MULTILINE,
)
_MINIFIED_NAME = re.compile(r"(?i)(?:[.-]min|[.-]bundle|[.-]bundled|[.-]prod|\.umd)\.[cm]?js$")
_RUN = re.compile(
    r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/=]{256,}"
    r"|(?:[A-Za-z0-9+/]{60,100}[\"'\\,\s]+(?:\+[\"'\s]+)?){8,})"
)
_LONG = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{60}")  # Without one there is none of those.
# Every number ends at a separator, so that there is one way to read a row of them.
_NUMBERS = re.compile(
    r"(?<![\w.+-])(?:(?:0x[0-9A-Fa-f]+[uUlL]*|-?\d[\d.eE+-]*[fFuUlL]*)[\s,;{}()\"']+){24,}"
    r"|(?:\\x[0-9A-Fa-f]{2}){24,}|(?:\\u[0-9A-Fa-f]{4}){8,}|(?:\\[0-7]{3}){24,}"
)
_MOST_DATA = 0.3  # Of a text.
_FEWEST_DIGITS = 0.06  # And backslashes: where rows of numbers are so much of it, these are more.
_MARKS = bytes(one for one in range(128) if not chr(one).isalnum())


def misplaced(file: SourceFile) -> bool:
    """Somebody else's code, under terms of its own; or what a build left there."""
    *folders, _ = file.path.lower().split("/")
    return any(one in _VENDORED or one in _OUTPUT for one in folders)


def odd_size(file: SourceFile) -> bool:
    return not SMALLEST <= file.size <= LARGEST


def few_words(file: SourceFile) -> bool:
    return sum(1 for _ in _some(re.finditer(r"\w+", file.text), _FEWEST_WORDS)) < _FEWEST_WORDS


def generated(file: SourceFile) -> bool:
    """A program wrote it: its name, its first lines or its style say so."""
    if _MADE_NAMES.search(file.path):
        return True
    head = "\n".join(file.text[:4_000].split("\n", _HEAD_LINES)[:_HEAD_LINES])
    if _MADE_TEXT.search(head):
        return True
    scripts = file.language in ("javascript", "typescript")
    return scripts and _COMPILED.search(file.text) is not None


def minified(file: SourceFile) -> bool:
    """Made small for machines: hardly any space, in lines that nobody reads."""
    if _MINIFIED_NAME.search(file.path):
        return True
    longest = max(map(len, file.text.split("\n")))
    blank = sum(file.text.count(one) for one in " \t\n")
    return longest > 500 and blank < 0.1 * len(file.text)


def long_lines(file: SourceFile) -> bool:
    lines = file.text.split("\n")
    return max(map(len, lines)) > _LONGEST_LINE or len(file.text) / len(lines) > _MEAN_LINE


def few_letters(file: SourceFile) -> bool:
    """Tables, drawings, rulers: the share of letters and digits is too low for code."""
    content = file.text.encode("utf-8")
    return len(content.translate(None, _MARKS)) < _LEAST_ALPHANUMERIC * len(content)


def encoded(file: SourceFile) -> bool:
    """Data written as text: Base64, escapes, tables of numbers."""
    forms = [_RUN] if _LONG.search(file.text) else []
    if sum(map(file.text.count, "0123456789\\")) > _FEWEST_DIGITS * len(file.text):
        forms.append(_NUMBERS)
    data = sum(len(one[0]) for form in forms for one in form.finditer(file.text))
    return data > _MOST_DATA * len(file.text)


def _some(found: Iterator[object], count: int) -> Iterator[object]:
    for _ in range(count):
        one = next(found, None)
        if one is None:
            return
        yield one
