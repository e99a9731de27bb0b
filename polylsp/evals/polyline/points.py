"""Where a line is to be finished: the same places every time.

Three kinds, as many of each: anywhere within a line (in the midst of a word, too: there people ask as well),
behind what asks for more (`.`, `(`, `return`), and at the start of an indented line. In code only, not in comments
or strings. What stands on the line behind the place is taken out, as if not typed yet; all below it is there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, zip_longest

from polylsp.evals.held import Held
from polylsp.syntax.parser import Tree, Trees
from polylsp.syntax.text import in_text
from polylsp.types import Cursor, Snapshot

SEED = 7
_LEAST, _MOST_FOUND = 3, 120  # Characters that are to be found: more no answer is meant to have.
_APART = 50  # Characters between two places.
_MOST = 60  # Places of one file.
_TRIES = 12  # For each of them.
_TRIGGER = re.compile(r"(?:->|::|[.(,\[{]|(?<![=!<>])=(?![=>])|\b(?:return|if|for|new|in)\b) ?")


class Kind(Enum):
    """What stands before a place."""

    MIDDLE = "middle"  # Any part of the line.
    TRIGGER = "trigger"  # What asks for more.
    EMPTY = "empty"  # White space.


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a file, and what is to be found there."""

    held: Held
    kind: Kind
    offset: int  # In the file as it is.
    truth: str  # The rest of its line.

    @property
    def key(self) -> str:
        """The same for the same place of the same text."""
        return f"{self.held.sha256[:12]}:{self.offset}"

    @property
    def cursor(self) -> Cursor:
        """The place, in a document without the rest of the line."""
        held, end = self.held, self.offset + len(self.truth)
        text = held.text[: self.offset] + held.text[end:]
        snapshot = Snapshot(
            held.file.absolute().as_uri(), 0, held.language, text, held.name, str(held.file)
        )
        return Cursor(snapshot, self.offset)


def choose(files: Mapping[str, Sequence[Held]], per_language: int, seed: int = SEED) -> list[Point]:
    """So many places of each language, by turns from its files; fewer where there are no more."""
    found = []
    for held in files.values():
        each = [list(_of_file(one, index, seed)) for index, one in enumerate(held)]
        found += list(_by_turns(each))[:per_language]
    # One file after the other, from top to bottom: what was read of it before need not be read again.
    return sorted(found, key=lambda one: (one.held.package, one.held.name, one.offset))


def _by_turns(each: Sequence[Sequence[Point]]) -> Iterator[Point]:
    return (one for one in chain.from_iterable(zip_longest(*each)) if one is not None)


def _of_file(held: Held, index: int, seed: int) -> Iterator[Point]:
    """Places of one file, the kinds taking turns; which is first depends on the file's `index`."""
    tree = Trees().parse(Snapshot(held.name, 0, held.language, held.text))
    chance = random.Random(f"{seed} {held.sha256}")
    lines = [line for line in _lines(held.text) if len(line.group().strip()) >= _LEAST]
    kinds = list(Kind)
    taken: list[int] = []
    if not lines:
        return
    for at in range(_MOST):
        kind = kinds[(index + at) % len(kinds)]
        tries = (_try(kind, chance.choice(lines), chance) for _ in range(_TRIES))
        offset = next((one for one in tries if _fits(one, held.text, taken, tree)), None)
        if offset is not None:
            taken.append(offset)
            yield Point(held, kind, offset, _rest(held.text, offset))


def _lines(text: str) -> Iterable[re.Match[str]]:
    return re.finditer(r"[^\n]+", text)


def _try(kind: Kind, line: re.Match[str], chance: random.Random) -> int:
    """A place of that kind on that line; -1 where it has none."""
    said = line.group()
    start = len(said) - len(said.lstrip())
    if kind is Kind.EMPTY:
        return line.start() + start if start else -1
    if kind is Kind.TRIGGER:
        places = [found.end() for found in _TRIGGER.finditer(said, start)]
    else:
        places = list(range(start + 1, len(said.rstrip())))
    return line.start() + chance.choice(places) if places else -1


def _fits(offset: int, text: str, taken: Sequence[int], tree: Tree | None) -> bool:
    if offset < 0 or any(abs(offset - other) < _APART for other in taken):
        return False
    rest = _rest(text, offset)
    if not _LEAST <= len(rest.strip()) <= _MOST_FOUND:
        return False
    # A comment is told by the text it begins with, which stands behind the place.
    within = offset + len(rest) - len(rest.lstrip()) + 2
    return tree is None or not (in_text(tree, offset) or in_text(tree, within) == "comment")


def _rest(text: str, offset: int) -> str:
    end = text.find("\n", offset)
    return text[offset:] if end < 0 else text[offset:end]
