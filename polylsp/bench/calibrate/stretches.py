"""What could be shown at every place of a stretch of a real file, and how much of it is what the file says.

The model speaks once at a place, until its cumulative probability is hardly anything; what any threshold would
show of that follows without asking again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from polylsp.completer import Completer, snapshot
from polylsp.engine.memory import Source
from polylsp.suggest.refine import Request, probability, shown
from polylsp.types import Cursor, Draft, Finish, Mode, Silence

FLOOR = 0.2  # Raw; what is less likely is shown by nobody.


@dataclass(frozen=True, slots=True)
class Cut:
    """What is shown where `least` is asked for, or a little less."""

    least: float  # Raw.
    raw: float  # The probability of just this text.
    length: int  # Characters; 0 for a silence.
    agrees: int  # Of these, as many at the start are what the file says.

    @property
    def right(self) -> bool:
        return self.agrees == self.length


@dataclass(frozen=True, slots=True)
class Place:
    """What could be shown at one place."""

    mode: Mode
    cuts: tuple[Cut, ...]  # The likeliest first.

    def shown(self, least: float) -> Cut | None:
        """What is shown where the model must give a text `least`; None for a silence."""
        above = [cut for cut in self.cuts if cut.least >= least]
        return above[-1] if above and above[-1].length else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a file that is typed."""

    language: str
    places: tuple[Place | None, ...]  # Behind each character; None where the model is not asked.


def read(
    completer: Completer,
    file: Path,
    characters: int,
    hole: bool,
    sources: Sequence[Source] = (),
) -> Stretch:
    """A stretch from the first third of `file` on, typed into a hole or at the end of the file.

    `sources` is what memory knows besides. Raises BackendError and ModelError.
    """
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    start = text.rfind("\n", 0, len(text) // 3) + 1
    end = max(start, text.rfind("\n", start, start + characters) + 1)
    behind = "\n" + text[end:] if hole else ""
    truth = text[:end] if hole else text
    uri = file.absolute().as_uri()
    language = snapshot(uri, 0, "", text, file.name).language
    cursors = (
        Cursor(snapshot(uri, at, "", text[:at] + behind, file.name), at) for at in range(start, end)
    )
    places = tuple(_place(completer, cursor, truth, sources) for cursor in cursors)
    return Stretch(language, places)


def _place(
    completer: Completer, cursor: Cursor, truth: str, sources: Sequence[Source]
) -> Place | None:
    said = completer.draft(cursor, sources)
    if isinstance(said, Silence):
        return None
    draft, request = said
    return Place(request.mode, tuple(_cuts(draft, request, truth)))


def _cuts(draft: Draft, request: Request, truth: str) -> Iterator[Cut]:
    totals = list(accumulate(draft.logprobs))
    last: str | Silence | None = None
    for index, total in enumerate(totals):
        least = math.exp(total)
        if least < FLOOR:
            break
        part = _until_unsure(draft, index + 1)
        text = shown(part, request, True, least * (1 - 1e-9))
        if text == last:
            continue
        last = text
        if isinstance(text, Silence):
            yield Cut(least, least, 0, 0)
        else:
            agrees = _in_common(text, truth, request.cursor.offset)
            yield Cut(least, probability(part, len(text)), len(text), agrees)


def _until_unsure(draft: Draft, index: int) -> Draft:
    """What had been said when the token at `index` was too unlikely to go on."""
    if index + 1 >= len(draft.ends):
        return draft
    end = draft.ends[index]
    return replace(
        draft,
        text=draft.text[:end],
        ends=draft.ends[: index + 1],
        logprobs=draft.logprobs[: index + 1],
        finish=Finish.UNSURE,
    )


def _in_common(text: str, truth: str, at: int) -> int:
    """How many characters `text` has in common with `truth` from `at` on."""
    pairs = zip(text, truth[at : at + len(text)], strict=False)
    return next(
        (count for count, (a, b) in enumerate(pairs) if a != b), min(len(text), len(truth) - at)
    )
