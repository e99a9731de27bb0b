"""What an editor would show, as plain text: the same lines every time, but for the latencies.

Types through a file and tells of the first suggestions that come unasked, what the file says there, and
what is left of them while they are typed; then of one block, asked for by hand.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from polylsp.client.editor import AUTOMATIC, INVOKED, Editor
from polylsp.demo import words
from polylsp.demo.ghost import Ghost
from polylsp.demo.lesson import Lesson

# Answers that hang on the speed of the machine, or on what was computed in pauses, differ from run to run.
STEADY: Mapping[str, Any] = {
    "engine": {"ahead": False, "warmUp": False, "budget": 60_000, "explicitBudget": 60_000},
    "memory": {"learn": False},
}
_LINES_ABOVE = 3
_PAUSE = re.compile(r"(?<=[^\s][ (=.,])|(?<=\n)[ \t]+")  # Behind it a person might pause.
_OPENER = re.compile(r"[:{]$", re.MULTILINE)


@dataclass(slots=True)
class _Typing:
    """A lesson as far as it is typed."""

    editor: Editor
    lesson: Lesson
    uri: str
    latencies: list[float] = field(default_factory=list)
    hits: int = 0

    def type(self, text: str) -> None:
        end = len(self.editor.documents[self.uri])
        self.editor.replace(self.uri, end, end, text)

    def ask(self, trigger: int = AUTOMATIC) -> tuple[Ghost | None, str]:
        """What is suggested behind what is typed, and what that took."""
        end = len(self.editor.documents[self.uri])
        began = time.perf_counter()
        texts = self.editor.complete(self.uri, end, trigger)
        self.latencies.append((time.perf_counter() - began) * 1000)
        last = self.editor.status()["last"]
        self.hits += last["hit"]
        ghost = Ghost(end, tuple(texts)) if texts else None
        return ghost, f"({self.latencies[-1]:.0f} ms, {words.source(last)})"


def transcript(editor: Editor, lesson: Lesson, count: int) -> Iterator[str]:
    """The lines, as they come; of `count` suggestions. The editor's settings should be `STEADY`."""
    typing = _Typing(editor, lesson, lesson.path.as_uri())
    editor.open(typing.uri, "", lesson.head)
    for _ in range(count):
        if (found := _next(typing)) is None:
            break
        yield from _one(typing, *found)
    yield from _block(typing)
    if typing.latencies:
        median = statistics.median(typing.latencies)
        yield (
            f"{len(typing.latencies)} answers, {typing.hits} of them from cache; half of all within "
            f"{median:.0f} ms. Nothing left this machine."
        )


def _next(typing: _Typing) -> tuple[Ghost, str] | None:
    """Type on to where something is suggested; None at the file's end."""
    text, typed = typing.lesson.text, len(typing.editor.documents[typing.uri])
    for pause in _PAUSE.finditer(text, typed):
        typing.type(text[typed : pause.end()])
        typed = pause.end()
        ghost, took = typing.ask()
        if ghost is not None:
            return ghost, took
    return None


def _one(typing: _Typing, ghost: Ghost, took: str) -> Iterator[str]:
    """A suggestion and what the file says; where that is the same, type a word of it and take the rest."""
    text = typing.lesson.text
    yield from _shown(text[: ghost.offset], ghost.text, took)
    if not text.startswith(ghost.text, ghost.offset):
        yield f"    the file: {_line(text, ghost.offset)}\n"
        return
    said = "    so says the file"
    if left := ghost.typed(ghost.word):
        typing.type(ghost.word)
        again, took = typing.ask()
        if again == left:
            said += f"; with a word of it typed, the rest is still there {took}"
    yield said + "\n"
    typed = len(typing.editor.documents[typing.uri])
    typing.type(text[typed : ghost.offset + len(ghost.text)])


def _block(typing: _Typing) -> Iterator[str]:
    """What follows the line in the middle of those that open a block."""
    text, typed = typing.lesson.text, len(typing.editor.documents[typing.uri])
    openers = [one.end() for one in _OPENER.finditer(text, typed)]
    if not openers:
        return
    typing.type(text[typed : openers[len(openers) // 2]])
    ghost, took = typing.ask(INVOKED)
    if ghost is not None:
        yield "asked by hand, for a block:\n"
        yield from _shown(text[: ghost.offset], ghost.text, took)
        yield ""


def _shown(above: str, suggestion: str, took: str) -> Iterator[str]:
    lines = above.split("\n")
    for line in lines[-1 - _LINES_ABOVE : -1]:
        yield f"  │ {line}".rstrip()
    first, *rest = suggestion.split("\n")
    yield f"  │ {lines[-1]}{_marked(first)}   {took}"
    for line in rest:
        yield f"  │ {_marked(line)}"


def _marked(line: str) -> str:
    """A line of ghost text in its marks; the space it begins with stays before them."""
    bare = line.lstrip()
    return f"{line[: len(line) - len(bare)]}«{bare}»" if bare else line


def _line(text: str, offset: int) -> str:
    return text[offset : text.find("\n", offset)].strip() or "a line end"
