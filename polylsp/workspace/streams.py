"""Open documents as token streams: this one above and below the cursor, the others, and what was deleted of them.

Encoded piece by piece and kept, so that a key costs the tokens of its own line. Belongs to the engine thread.
"""

from __future__ import annotations

import operator
import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from polylsp.engine.live import BORDER, Live
from polylsp.engine.memory import Ids, Kind
from polylsp.prompt.pieces import Pieces
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.types import Cursor, Snapshot

MOST = 65_536  # Tokens of one kind: what is nearest to the cursor.
_MOST_CHARACTERS = 6 * MOST  # Of a text that is encoded.
_DOCUMENTS = 16  # Whose tokens are kept.
_DELETED = 16  # Pieces of deleted text that are kept,
_LEAST_DELETED = 12  # characters of one that is worth it,
_MOST_DELETED = 20_000  # and of one that is text, not a whole file.
# Where a document is cut, so that an edit leaves most pieces as they are: behind lines that end with a sign.
_CUT = re.compile(r"(?<=[^\sA-Za-z])\n(?=[^\n])")


class Streams:
    """What open documents look like to one tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._pieces = Pieces(tokenizer)
        # Of each stream its path, the text it is from, and where in that it starts.
        self._labels: dict[Kind, list[tuple[str, str, int]]] = {}
        self._encoded: OrderedDict[tuple[str, str], tuple[str, Ids]] = OrderedDict()
        self._seen: OrderedDict[str, str] = OrderedDict()  # The last text of each document.
        self._deleted: deque[Ids] = deque(maxlen=_DELETED)
        self._lives: dict[
            Kind, tuple[Sequence[Ids], Live | None]
        ] = {}  # And what they are made of.

    def sources(self, cursor: Cursor, others: Sequence[Snapshot], healed: str = "") -> list[Live]:
        """Everything that is open, as it is seen from `cursor`, where the model is asked before `healed`.

        What stands there already would else be found as what follows.
        """
        here = cursor.snapshot
        asked = cursor.offset - len(healed)
        start = here.text.rfind("\n", 0, asked) + 1
        end = here.text.find("\n", cursor.offset)
        above = here.text[max(0, start - _MOST_CHARACTERS) : start]
        line = self._ids(here.text[start:asked])
        below = here.text[end : end + _MOST_CHARACTERS] if end >= 0 else ""
        shown = [other for other in others if other.text]
        deleted = list(reversed(self._deleted))
        self._labels = {
            Kind.ABOVE: [(here.path, here.text, start - len(above))],
            Kind.BELOW: [(here.path, here.text, max(0, end))],
            Kind.OPEN: [(other.path, other.text, 0) for other in shown],
            Kind.DELETED: [("deleted text", "", 0)] * len(deleted),
        }
        found = (
            self._live(Kind.ABOVE, [self._kept(here.uri, "above", above), line], _last),
            self._live(Kind.BELOW, [self._kept(here.uri, "below", below)], _first),
            self._live(
                Kind.OPEN, _enough(self._kept(one.uri, "", _shown(one)) for one in shown), _joined
            ),
            self._live(Kind.DELETED, _enough(deleted), _joined),
        )
        return [live for live in found if live]

    def see(self, snapshot: Snapshot) -> None:
        """Keep what is gone from a document since it was seen last."""
        uri, text = snapshot.uri, snapshot.text
        before = self._seen.pop(uri, text)
        self._seen[uri] = text
        while len(self._seen) > _DOCUMENTS:
            self._seen.popitem(last=False)
        gone = removed(before, text)
        if _LEAST_DELETED <= len(gone) <= _MOST_DELETED and gone.strip():
            self._deleted.append(self._ids(gone))

    def origin(self, source: Live, at: int) -> tuple[str, int]:
        """The file, as people see it, and the line of a place in one of the last `sources`."""
        index, before = source.stream(at)
        labels = self._labels.get(source.kind, [])
        path, text, start = labels[index] if index < len(labels) else ("", "", 0)
        return path, 1 + text.count("\n", 0, start) + self._tokenizer.decode(before).count("\n")

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document; what was deleted in it may still be pasted elsewhere."""
        self._seen.pop(uri, None)
        for key in [key for key in self._encoded if key[0] == uri]:
            del self._encoded[key]

    def clear(self) -> None:
        self._encoded.clear()
        self._lives.clear()
        self._labels.clear()
        self._seen.clear()
        self._deleted.clear()

    def _live(
        self, kind: Kind, parts: Sequence[Ids], join: Callable[[Sequence[Ids]], Ids]
    ) -> Live | None:
        """The source of some streams; the last one where they are the same, as most are from key to key."""
        seen, live = self._lives.get(kind, ((), None))
        if len(seen) != len(parts) or not all(map(operator.is_, seen, parts)):
            tokens = join(parts)
            live = Live(kind, tokens) if len(tokens) else None
            self._lives[kind] = parts, live
        return live

    def _kept(self, uri: str, part: str, text: str) -> Ids:
        known = self._encoded.pop((uri, part), None)
        if known is None or known[0] != text:
            known = (text, self._ids(text))
        self._encoded[(uri, part)] = known
        while len(self._encoded) > 2 * _DOCUMENTS:
            self._encoded.popitem(last=False)
        return known[1]

    def _ids(self, text: str) -> Ids:
        cuts = [cut.end() for cut in _CUT.finditer(text)]
        return np.array(self._pieces.encode(text, cuts), np.uint32)


def removed(before: str, after: str) -> str:
    """What stood in `before` where `after` has something else, or nothing."""
    if before == after:
        return ""
    least = min(len(before), len(after))
    start = _in_common(least, lambda count: before[:count] == after[:count])
    behind = _in_common(
        least - start,
        lambda count: before[len(before) - count :] == after[len(after) - count :],
    )
    return before[start : len(before) - behind]


def _in_common(most: int, same: Callable[[int], bool]) -> int:
    """The largest count up to `most` for which `same` holds, which holds for all below it."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _shown(other: Snapshot) -> str:
    return other.text[:_MOST_CHARACTERS]


def _enough(streams: Iterable[Ids]) -> list[Ids]:
    """As many of the streams as are looked through; others are not even encoded."""
    found: list[Ids] = []
    count = 0
    for stream in streams:
        if count >= MOST:
            break
        found.append(stream)
        count += len(stream)
    return found


def _joined(streams: Sequence[Ids]) -> Ids:
    """The streams, a border between them."""
    border = np.array([BORDER], np.uint32)
    parts = [part for stream in streams for part in (stream, border)]
    return np.concatenate(parts)[:MOST] if parts else _NONE


def _first(streams: Sequence[Ids]) -> Ids:
    return streams[0][:MOST]


def _last(streams: Sequence[Ids]) -> Ids:
    """What is above the line of the cursor, and what there is of that."""
    above, line = streams
    return np.concatenate([above[-MOST:], line])


_NONE = np.zeros(0, np.uint32)
