"""Golden files: Markdown suites in `tests/golden/`.

A `##` heading is a case, its fenced blocks are input and, the last of them, what is expected; prose explains.
`UPDATE_GOLDEN=1 pytest` rewrites the expectations: review the difference like code.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: ```` ```python file.py ```` has the info "python file.py"."""

    info: str
    text: str  # Without the line end before the closing fence.

    @property
    def language(self) -> str:
        return self.info.split()[0] if self.info.split() else ""


@dataclass(frozen=True, slots=True)
class Case:
    """One heading's worth."""

    suite: str  # The file's name without ".md".
    name: str
    prose: str
    given: tuple[Block, ...]
    expected: str

    def check(self, actual: str) -> None:
        """Compare, or rewrite the expectation when `UPDATE_GOLDEN` is set."""
        actual = actual.rstrip("\n")
        if os.environ.get("UPDATE_GOLDEN") and actual != self.expected:
            _rewrite(self, actual)
        else:
            assert actual == self.expected, f"{self.suite}.md, {self.name!r}: see UPDATE_GOLDEN"


def cases(suite: str) -> list[Case]:
    """The cases of `tests/golden/SUITE.md`, in order."""
    found = []
    for name, body, _ in _sections((FOLDER / f"{suite}.md").read_text(encoding="utf-8")):
        blocks = [Block(block["info"].strip(), _text(block)) for block in _BLOCK.finditer(body)]
        assert len(blocks) >= 2, f"{suite}.md: {name!r} needs an input and an expectation"
        prose = _BLOCK.sub("", body).strip()
        found.append(Case(suite, name, prose, tuple(blocks[:-1]), blocks[-1].text))
    return found


def _text(block: re.Match[str]) -> str:
    return block["text"].removesuffix("\n")


def _sections(source: str) -> list[tuple[str, str, int]]:
    """Name, body and the body's offset of each section."""
    # A heading inside of a fenced block is none.
    blocks = [block.span() for block in _BLOCK.finditer(source)]
    heads = [
        head
        for head in _HEADING.finditer(source)
        if not any(start <= head.start() < end for start, end in blocks)
    ]
    ends = [*(head.start() for head in heads[1:]), len(source)]
    return [
        (head.group(1).strip(), source[head.end() : end], head.end())
        for head, end in zip(heads, ends, strict=True)
    ]


def _rewrite(case: Case, actual: str) -> None:
    file = FOLDER / f"{case.suite}.md"
    source = file.read_text(encoding="utf-8")
    for name, body, offset in _sections(source):
        if name != case.name:
            continue
        last = list(_BLOCK.finditer(body))[-1]
        start, end = offset + last.start("text"), offset + last.end("text")
        inside = actual + "\n" if actual else ""
        file.write_text(source[:start] + inside + source[end:], encoding="utf-8")
        return
