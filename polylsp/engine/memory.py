"""What followed this before: the longest match of a history in the user's own token streams.

Knows token ids only. A source is searched for the places whose tokens before are those at the history's end; what
followed there, counted, is a guess at what comes next (`mix` weighs it), and the text behind the likeliest place a
draft of several tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import numpy as np

LONGEST = 16  # Tokens of a history that are compared; more of them say nothing more.
LEAST = 2  # In common, for a place to count.
COUNTED = 64  # Places whose following token is counted, at the most.
NAMED = 16  # Different tokens that one match can name.

Ids = np.ndarray[Any, np.dtype[np.uint32]]
# (Token, how often it followed), the most frequent first.
Following = tuple[tuple[int, int], ...]


class Kind(IntEnum):
    """Where a stream comes from. Values are kept in files: only ever add to them."""

    ABOVE = 0  # This document, before the cursor.
    BELOW = 1  # This document, behind the cursor.
    OPEN = 2  # Other open documents.
    DELETED = 3  # Text that was deleted or cut a while ago.
    RECENT = 4  # Files that were changed lately.
    WORKSPACE = 5  # The rest of the workspace.
    DEPENDENCIES = 6  # Sources of what the project has installed.


class Match(NamedTuple):
    """Places of one source that have `length` tokens in common with a history's end."""

    kind: Kind
    order: int  # 0: the most tokens that are in common anywhere; 1: the next fewer.
    length: int
    following: Following
    total: int  # How often any of those followed.
    source: Source
    # (Token, where it stands there): each that followed, of the newest such place, or the first, on.
    found: Sequence[tuple[int, int]]

    @property
    def place(self) -> Place:
        """Where what followed most stands."""
        return self.places(self.following[0][0], 1)[0]

    def times(self, token: int) -> int:
        """How often `token` followed, if it is one of those that are named."""
        return next((count for followed, count in self.following if followed == token), 0)

    def chance(self, token: int) -> float:
        """How much of what followed was `token`: 0 to 1."""
        return self.times(token) / self.total

    def places(self, token: int, most: int) -> list[Place]:
        """Where `token` stands that followed, up to `most` places; nowhere, if it did not."""
        found = (at for followed, at in self.found if followed == token)
        return [Place(self.source, at) for at in islice(found, most)]


class Place(NamedTuple):
    """Where in a source a token stands."""

    source: Source
    at: int

    def draft(self, most: int) -> list[int]:
        """The tokens from here on, up to `most`: fewer where the stream ends."""
        return self.source.read(self.at, most)


class Source(Protocol):
    """Streams of one kind."""

    kind: Kind

    def look(self, history: Sequence[int]) -> list[Match]:
        """The longest matches of `history`'s end, and the next shorter ones; none where too little matches."""
        ...

    def read(self, at: int, most: int) -> list[int]:
        """Up to `most` tokens from a place on, to its stream's end."""
        ...


class Memory:
    """Several sources, looked up together."""

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self.sources = tuple(sources)

    def look(self, history: Sequence[int]) -> list[Match]:
        """What every source knows of `history`."""
        if len(history) < LEAST:
            return []
        return [match for source in self.sources for match in source.look(history)]


def counted(token_ids: Sequence[int]) -> Following:
    """How often each occurs, the most frequent first; of equals the one that came last. Only the first `NAMED`."""
    if len(token_ids) == 1:
        return ((token_ids[0], 1),)
    counts = Counter(token_ids[::-1])
    return tuple(sorted(counts.items(), key=_HOW_OFTEN, reverse=True)[:NAMED])


_HOW_OFTEN = itemgetter(1)
