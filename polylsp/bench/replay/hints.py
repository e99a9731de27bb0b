"""llama.vim's rules, without an editor and without a server: what it asks with, keeps and shows.

Facts from ggml-org/llama.vim (MIT), `autoload/llama.vim`; written anew. Text is compared by its characters, and
a file's first line has no line end before it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PREFIX_LINES = 256
_MOST_KEYS = 250
_DROPPED = 3  # Lines, at the top, that an answer is kept without as well.
_LOOK_BEHIND = 128  # Characters.

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Around:
    """The text around a cursor, as far as it is shown to the model."""

    prefix: str  # In a blank line, up to its start: the answer has the indentation.
    suffix: str
    indent: int  # Of the line.
    line_suffix: str  # What stands behind the cursor in its line.

    @classmethod
    def of(cls, text: str, offset: int, most_lines: int = PREFIX_LINES) -> Around:
        """`most_lines` of the prefix; of the suffix, a quarter of that."""
        before = text[:offset].split("\n")
        behind = text[offset:].removesuffix("\n").split("\n")
        line = before[-1] + behind[0]
        if line.isspace() or not line:
            before[-1] = behind[0] = ""
        return cls(
            "\n".join(before[-1 - most_lines :]),
            "\n".join(behind[: 1 + most_lines // 4]) + "\n",
            0 if line.isspace() else len(line) - len(line.lstrip()),
            behind[0],
        )


class Hints:
    """Answers by what stood around their cursor; of too many keys, the least recently used one goes."""

    def __init__(self, most: int = _MOST_KEYS) -> None:
        self._most = most
        self._answers: OrderedDict[Key, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def store(self, around: Around, answer: str) -> None:
        """Keep it, also for a window that has moved on by a few lines."""
        for key in _keys(around):
            self._answers.pop(key, None)
            if len(self._answers) >= self._most:
                self._answers.popitem(last=False)
            self._answers[key] = answer

    def holds(self, around: Around) -> bool:
        """Whether there is no need to ask: no look-behind here."""
        return any(self._get(key) is not None for key in _keys(around))

    def get(self, around: Around) -> str | None:
        """The answer for this very place; None for none."""
        return self._get((around.prefix, around.suffix))

    def rest(self, around: Around) -> str | None:
        """Of the answers for a little earlier that go on with what stands here since, the longest rest."""
        return max(self._rests(around), key=len, default=None)

    def _rests(self, around: Around) -> Iterator[str]:
        prefix = around.prefix
        for back in range(1, min(_LOOK_BEHIND, len(prefix)) + 1):
            answer = self._get((prefix[:-back], around.suffix))
            if answer is not None and answer.startswith(prefix[-back:]) and answer[back:]:
                yield answer[back:]

    def _get(self, key: Key) -> str | None:
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)


def _keys(around: Around) -> Iterator[Key]:
    prefix = around.prefix
    yield prefix, around.suffix
    # The line of the cursor is not dropped.
    for _ in range(min(_DROPPED, prefix.count("\n") - 1)):
        prefix = prefix[prefix.index("\n") + 1 :]
        yield prefix, around.suffix


def visible(answer: str, text: str, offset: int) -> str:
    """What is put on the screen, to be inserted at `offset`; "" for nothing.

    Not shown: what repeats the rest of the line, or the lines below.
    """
    line_prefix = text[text.rfind("\n", 0, offset) + 1 : offset]
    line_suffix, *below = text[offset:].split("\n")
    lines = answer.rstrip("\n").split("\n")
    if not (line_prefix + line_suffix).strip():
        # The answer has the indentation, as far as it stands there already.
        there = min(_indent(lines[0]), len(line_prefix + line_suffix))
        line_prefix, lines[0] = lines[0][:there], lines[0][there:]
    if _repeats(lines, line_prefix, line_suffix, below):
        return ""
    shown = "\n".join(lines)
    return shown if shown.strip() else ""


def _repeats(lines: list[str], line_prefix: str, line_suffix: str, below: Sequence[str]) -> bool:
    if lines[0] == "" and lines[1:] and lines[1:] == list(below[: len(lines) - 1]):
        return True
    if lines == [line_suffix]:
        return True
    first = next((at for at, line in enumerate(below[:-1]) if line.strip()), len(below) - 1)
    if first < 0 or line_prefix + lines[0] != below[first]:
        return False
    following = list(below[first + 1 : first + len(lines)])
    if len(lines) == 2:
        return "".join(following).startswith(lines[1])
    return lines[1:] == following


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
