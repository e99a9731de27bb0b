"""What a model says, and what each source of the memory knows, at every token of stretches of real files.

Kept as flat arrays, so that other weights, fewer sources or fewer features can be tried without reading anything
again, and kept in a file.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.engine.live import Live
from polylsp.engine.memory import Kind, Match

Numbers = np.ndarray[Any, np.dtype[Any]]
_NOWHERE = Live(Kind.ABOVE, np.zeros(0, np.uint32))


@dataclass(frozen=True, slots=True)
class Document:
    """One stretch."""

    language: str
    package: str
    file: str  # Within it.
    first: int  # Its positions,
    end: int
    bytes: int  # and what they say.
    opened: int  # Other files that were open.
    below: bool  # Whether the text behind the stretch was there.
    twins: tuple[str, ...]  # Files that were taken out.


@dataclass(frozen=True, slots=True)
class Positions:
    """Of each position, of each match, and of each token that a match names; probabilities as logarithms."""

    documents: tuple[Document, ...]
    token: Numbers  # What the file says.
    own: Numbers  # How likely the model finds that.
    likeliest: Numbers  # What the model would say.
    sure: Numbers  # How likely it finds that.
    ends: Numbers  # Whether the token ends a line.
    at: Numbers  # Of each match, its position; ascending.
    kind: Numbers
    order: Numbers
    length: Numbers
    match: Numbers  # Of each token named, its match; ascending, and the most frequent first.
    named: Numbers
    count: Numbers
    said: Numbers  # How likely the model finds it.

    def __len__(self) -> int:
        return len(self.token)

    def only(self, kinds: Collection[Kind]) -> Positions:
        """The same with some of the sources."""
        kept = np.isin(self.kind, list(kinds))
        named = kept[self.match]
        matches = {name: getattr(self, name)[kept] for name in ("at", "kind", "order", "length")}
        tokens = {name: getattr(self, name)[named] for name in ("named", "count", "said")}
        return replace(self, match=(np.cumsum(kept) - 1)[self.match[named]], **matches, **tokens)

    def matches(self) -> Iterator[Match]:
        """Every match as the engine has it, but for its place."""
        bounds = np.searchsorted(self.match, np.arange(len(self.at) + 1)).tolist()
        named, count = self.named.tolist(), self.count.tolist()
        about = zip(self.kind.tolist(), self.order.tolist(), self.length.tolist(), strict=True)
        for index, (kind, order, length) in enumerate(about):
            part = slice(bounds[index], bounds[index + 1])
            following = tuple(zip(named[part], count[part], strict=True))
            yield Match(Kind(kind), order, length, following, sum(count[part]), _NOWHERE, ())

    def save(self, file: Path) -> None:
        """Raises OSError."""
        told = json.dumps([asdict(one) for one in self.documents])
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez_compressed(file, documents=np.array(told), **arrays)


_ARRAYS = tuple(field.name for field in fields(Positions))[1:]
# What the others are counted by: how much an index grows when stretches are put together.
_INDEXES = {"at": "token", "match": "at"}


def load(file: Path) -> Positions:
    """What was saved. Raises OSError and ValueError."""
    with np.load(file) as kept:
        told = json.loads(str(kept["documents"]))
        documents = tuple(Document(**{**one, "twins": tuple(one["twins"])}) for one in told)
        return Positions(documents, *(kept[name] for name in _ARRAYS))


def joined(parts: Sequence[Positions]) -> Positions:
    """Several as one. At least one."""
    arrays = {}
    for name in _ARRAYS:
        counted = _INDEXES.get(name)
        before = [0, *np.cumsum([len(getattr(one, counted)) for one in parts])] if counted else ()
        moved = [
            getattr(one, name) + before[index] if counted else getattr(one, name)
            for index, one in enumerate(parts)
        ]
        arrays[name] = np.concatenate(moved)
    starts = [0, *np.cumsum([len(one) for one in parts]).tolist()]
    documents = tuple(
        replace(document, first=document.first + start, end=document.end + start)
        for one, start in zip(parts, starts, strict=False)
        for document in one.documents
    )
    return Positions(documents, **arrays)
