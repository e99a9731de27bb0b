"""Code as it would be without the line that is being typed, and with every bracket closed.

One open bracket can swallow all the definitions behind it. Such brackets are typed all the time, so an outline
of the code as it stands would change with every other key, and the start of the prompt with it. Brackets are
matched without a grammar, which is good enough for code that the grammar cannot read anyway.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from polylsp.syntax.languages import opens_block
from polylsp.types import Span

_MOST_CHARACTERS = 100_000  # All of the text is looked through.


@dataclass(frozen=True, slots=True)
class Repair:
    """Another text, and the way back from it."""

    source: bytes
    offset: int  # Where the cursor stands in `source`.
    cut: Span  # What was taken out of the text …
    inserted: int  # … and how much stands there instead.

    def back(self, span: Span) -> Span:
        """Where a span of `source` lies in the text. What was inserted lies where something was cut."""
        start = self._back(span.start, span.start < self.cut.start + self.inserted)
        return Span(start, max(start, self._back(span.end, before=True)))

    def _back(self, at: int, before: bool) -> int:
        """`before`: whether a place that could be on either side of the cut is before it."""
        if at < self.cut.start or (at == self.cut.start and before):
            return at
        return self.cut.end + max(0, at - self.cut.start - self.inserted)


def without_line(language: str, source: bytes, offset: int) -> Repair:
    """The code without the cursor's line; with it, where it is the head of a block."""
    line = _line(source, offset)
    if opens_block(language, line.of(source).decode()):
        return Repair(source, offset, Span(offset, offset), 0)
    return _replaced(language, source, offset, line, _stand_in(language, source[: line.start]))


def closed(language: str, source: bytes, offset: int) -> Repair | None:
    """The code without the cursor's line, and with every bracket closed; None where it is too long."""
    if len(source) > _MOST_CHARACTERS:
        return None
    line = _line(source, offset)
    above = _unmatched(language, source, 0, line.start)
    opened, text = above.opened, above.text
    behind = _text_ends(source, line.end, text) if text else line.end
    below = _unmatched(language, source, line.end if behind is None else behind, len(source))
    closers = below.closers
    # Pairs are told from the outside in. What else is closed was opened on lines that are not there: it goes.
    pairs = sum(1 for _ in takewhile(_pair, zip(opened, reversed(closers), strict=False)))
    end = closers[-1 - pairs].end if len(closers) > pairs else line.end
    missing = [text] if text and behind is None else []
    missing += reversed(opened[pairs:])
    inserted = b"" if text else _stand_in(language, source[: line.start])
    inserted += b"".join(b"\n" + one if one.isalpha() else one for one in missing)
    return _replaced(language, source, offset, Span(line.start, end), inserted)


def _line(source: bytes, offset: int) -> Span:
    end = source.find(b"\n", offset)
    return Span(source.rfind(b"\n", 0, offset) + 1, len(source) if end < 0 else end)


def _replaced(language: str, source: bytes, offset: int, cut: Span, by: bytes) -> Repair:
    indent = _indent(language, source, cut.start, offset)
    repaired = source[: cut.start] + indent + by + source[cut.end :]
    return Repair(repaired, cut.start + len(indent), cut, len(indent + by))


def _indent(language: str, source: bytes, start: int, offset: int) -> bytes:
    """The indentation of the line; on a blank one at least that of the code above: it may be half typed."""
    line = source[start:offset]
    indent = line[: len(line) - len(line.lstrip())]
    if indent != line:
        return indent
    above = source[:start].rstrip()
    above = above[above.rfind(b"\n") + 1 :]
    least = above[: len(above) - len(above.lstrip())]
    opens = opens_block(language, above.decode())
    if len(indent) > len(least) or (len(indent) == len(least) and not opens):
        return indent
    return least + (b"    " if opens else b"")


def _stand_in(language: str, before: bytes) -> bytes:
    """What has to stand for the line: blocks may end with their last statement, and a statement may be open."""
    if language in ("python", "ruby"):
        return b"x"
    code = _COMMENT.sub(b"", before[-2000:]).rstrip()
    open_ended = code[-1:] not in (b"", b";", b"{", b"}", b",", b"(")
    return b";" if open_ended and language in _NEEDS_SEMICOLONS else b""


_COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*", re.DOTALL | re.MULTILINE)
_NEEDS_SEMICOLONS = ("c", "cpp", "csharp", "java", "php", "rust")


@dataclass(frozen=True, slots=True)
class _Unmatched:
    """What the brackets of a stretch of code leave open."""

    opened: list[bytes]  # What would close each bracket that nothing closes, the innermost last.
    closers: list[_Closer]  # What nothing opens, in order.
    text: bytes  # What would close the comment or string that the stretch ends in, if it does.


@dataclass(frozen=True, slots=True)
class _Closer:
    said: bytes
    end: int


def _unmatched(language: str, source: bytes, start: int, end: int) -> _Unmatched:
    opened: list[bytes] = []
    open_ = Counter[bytes]()
    closers: list[_Closer] = []
    for token in _tokens(language).finditer(source, start, end):
        said = token.group()
        if token.lastgroup == "open":
            opened.append(_CLOSES.get(said, b"end"))
            open_[opened[-1]] += 1
        elif token.lastgroup == "close":
            if not opened:
                closers.append(_Closer(said, token.end()))
            while open_[said]:
                last = opened.pop()
                open_[last] -= 1
                if last == said:
                    break
        elif token.end() == end and (close := _open_text(said)):
            return _Unmatched(opened, closers, close)
    return _Unmatched(opened, closers, b"")


def _pair(pair: tuple[bytes, _Closer]) -> bool:
    return pair[0] == pair[1].said


_CLOSES = {b"(": b")", b"[": b"]", b"{": b"}"}
_TEXTS = {b"/*": b"*/", b'"""': b'"""', b"'''": b"'''", b"`": b"`"}  # May go on over lines.


def _open_text(said: bytes) -> bytes:
    """What would close a comment or a string; b"" where it is closed, or ends with its line."""
    for mark, close in _TEXTS.items():
        if said.startswith(mark):
            return b"" if said.endswith(close) and len(said) >= len(mark + close) else close
    return b""


def _text_ends(source: bytes, start: int, close: bytes) -> int | None:
    """Behind what closes, from `start` on, a text that is open there; None where nothing does."""
    at = source.find(close, start)
    if close == b"*/":
        other = source.find(b"/*", start)
        return at + 2 if at >= 0 and not 0 <= other < at else None
    # The same mark opens and closes: an even number of them is busy with texts of its own.
    return at + len(close) if source.count(close, start) % 2 else None


@cache
def _tokens(language: str) -> re.Pattern[bytes]:
    """Comments, strings and brackets."""
    text = rb"|".join(_texts(language))
    ruby = language == "ruby"
    opens = rb"[(\[{]" + (rb"|" + _RUBY_OPENS if ruby else b"")
    closes = rb"[)\]}]" + (rb"|(?<![.:\w@$])end\b(?!:)" if ruby else b"")
    pattern = rb"(?P<text>%b)|(?P<open>%b)|(?P<close>%b)" % (text, opens, closes)
    return re.compile(pattern, re.DOTALL | re.MULTILINE)


def _texts(language: str) -> Iterator[bytes]:
    if language in ("python", "ruby"):
        yield rb"#[^\n]*"
    else:
        yield rb"//[^\n]*|/\*.*?(?:\*/|\Z)"
    if language == "php":
        yield rb"#(?!\[)[^\n]*"
    if language == "ruby":
        yield rb"^=begin.*?^=end"
    if language in ("python", "java", "scala", "csharp"):
        yield rb'"""(?:\\.|.)*?(?:"""|\Z)'
    if language == "python":
        yield rb"'''(?:\\.|.)*?(?:'''|\Z)"
    if language in ("javascript", "typescript", "tsx", "go"):
        yield rb"`(?:\\.|[^`\\])*(?:`|\Z)"
    if language in ("javascript", "typescript", "tsx", "ruby"):
        # A regular expression, not a division: only after what cannot end an operand.
        yield rb"(?:(?<=[=(,:\[!&|?{};])|(?<=[=(,:\[!&|?{};] )|(?<=return ))/(?:\\.|[^/\\\n])+/"
    yield from _RAW.get(language, ())
    yield rb'"(?:\\.|[^"\\\n])*"?'
    if language in ("python", "ruby", "php", "javascript", "typescript", "tsx"):
        yield rb"'(?:\\.|[^'\\\n])*'?"
    else:
        yield rb"'(?:\\[^'\n]{1,9}|\\'|[^'\\\n])'"


_RAW = {
    "cpp": (rb'R"\(.*?\)"',),
    "csharp": (rb'@"(?:[^"]|"")*"',),
    "rust": (rb'r(?P<fence>#+)".*?"(?P=fence)',),
}
_RUBY_OPENS = (
    rb"^[ \t]*(?:(?:private|protected|public|private_class_method)[ \t]+)?def\b"
    rb"(?!\s+[\w.?!]+\s*(?:\([^\n]*\))?\s*=\s)"
    rb"|^[ \t]*(?:while|until|for)\b[^\n]*?\bdo\b"
    rb"|^[ \t]*(?:class|module|if|unless|while|until|for|case|begin)\b"
    rb"|=[ \t]*(?:if|unless|case|begin)\b|\bdo\b"
)
