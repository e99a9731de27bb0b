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
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration
from polylsp.suggest.refine import Request, finished, probability, ranked, sound, starts
from polylsp.types import Cursor, Draft, Finish, Mode, Silence

FLOOR = 0.2  # Raw; what is less likely is shown by nobody.


@dataclass(frozen=True, slots=True)
class Choice:
    """A text that could be shown."""

    sure: float  # The raw probability that it was chosen by,
    reach: int  # and the characters: filters may have shortened it since.
    raw: float  # The probability of just this text.
    length: int  # Characters; 0 where a filter drops it.
    agrees: int  # Of these, as many at the start are what the file says.

    @property
    def right(self) -> bool:
        return self.agrees == self.length


@dataclass(frozen=True, slots=True)
class Cut:
    """What could be shown where the model stops at `least`, or a little less."""

    least: float  # Raw.
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What could be shown at one place."""

    mode: Mode
    cuts: tuple[Cut, ...]  # The likeliest first.

    def shown(self, threshold: float, calibration: Calibration = AT_ITS_WORD) -> Choice | None:
        """What is shown where a text must be right with probability `threshold`; None for a silence."""
        least = calibration.raw(threshold, self.mode)
        above = [cut for cut in self.cuts if cut.least >= least]
        choices = above[-1].choices if above else ()
        likely = [(one.reach, calibration.right(one.sure, self.mode)) for one in choices]
        order = (choices[at] for at in ranked(likely, threshold))
        return next((one for one in order if one.length), None)


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
    last: tuple[Choice, ...] | None = None
    for index, total in enumerate(totals):
        least = math.exp(total)
        if least < FLOOR:
            break
        choices = tuple(_choices(_until_unsure(draft, index + 1), request, truth, least))
        if choices != last:
            last = choices
            yield Cut(least, choices)


def _choices(draft: Draft, request: Request, truth: str, least: float) -> Iterator[Choice]:
    text = sound(draft, request, syntax=True)
    if isinstance(text, Silence):
        return
    for start in starts(draft, text):
        if start.raw < least * (1 - 1e-9):
            return
        said = finished(start.text, request, text)
        if isinstance(said, Silence):
            said = ""
        agrees = _in_common(said, truth, request.cursor.offset)
        raw = probability(draft, len(said))
        yield Choice(start.raw, len(start.text), raw, len(said), agrees)


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
