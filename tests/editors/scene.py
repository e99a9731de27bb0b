"""What is typed in every editor: behind an emoji, a combining mark and a tab, with each kind of line end.

The embedded model knows how it goes on, for the same line stands above.
"""

from __future__ import annotations

from dataclasses import dataclass

_BEFORE = """\
# 😀 cafe\u0301
def full_name(person):
\tlabel = "😀 e\u0301" + person.first_name
\treturn label


def short_name(person):
\tlabel = "😀 e\u0301" + """
_TYPED, _SUGGESTED = "pers", "on.first_name"


@dataclass(frozen=True, slots=True)
class Scene:
    """A file before and after; between them `typed` was typed at its end, and `suggested` taken over."""

    before: str
    typed: str
    suggested: str
    after: bytes


def scene(line_end: str = "\n") -> Scene:
    after = (_BEFORE + _TYPED + _SUGGESTED).replace("\n", line_end)
    return Scene(_BEFORE.replace("\n", line_end), _TYPED, _SUGGESTED, after.encode("utf-8"))
