"""Draft → Suggestion: the filters, in order.

Each can only shorten the text or drop it, and the first that leaves nothing gives the reason. Length by
confidence comes last: of the starts that are right with the probability that is asked for, the one is shown that
is worth the most, each character as much as its probability is above what is asked for, and with it what is nearly
certain to follow. So unsure words at its end are left out, though all of it might pass: they are asked for again
once the rest is taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from polylsp.config import SuggestConfig
from polylsp.suggest import filters, scope
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration
from polylsp.suggest.loops import cut_loops
from polylsp.suggest.syntax import breaks
from polylsp.syntax.parser import Tree
from polylsp.types import Cursor, Draft, Finish, Mode, Silence, Suggestion

_THRESHOLDS = {"quiet": 0.85, "balanced": 0.7, "eager": 0.5}
_WITH_MEMORY = 0.05  # More than that is asked where memory speaks, too.
LEAST_CHARACTERS = 3
_CERTAIN = 0.9  # The least probability of what goes on, for it not to be left for the next time.
_NEXT_TOKEN = re.compile(r"\s*(\w+|\S)")

_TextFilter = Callable[[str, Cursor], str]
_TEXT_FILTERS: tuple[tuple[Silence, _TextFilter], ...] = (
    (Silence.EMPTY, filters.cut_elision),
    (Silence.SYNTAX, filters.cut_misplaced),
    (Silence.REPEAT, filters.cut_overlap),
    (Silence.REPEAT, filters.cut_repeats),
    (Silence.REPEAT, cut_loops),
    (Silence.SYNTAX, filters.cut_dangling),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of the place, beside the draft itself."""

    cursor: Cursor
    mode: Mode
    explicit: bool
    tree: Tree | None  # Of the cursor's snapshot.


def refine(
    draft: Draft,
    request: Request,
    config: SuggestConfig,
    calibration: Calibration = AT_ITS_WORD,
    *,
    memory: bool = False,
) -> Suggestion | Silence:
    """What of `draft` is worth showing, or why nothing is. `memory`: whether it spoke, too."""
    text = sound(draft, request, config.syntax)
    if isinstance(text, Silence):
        return text
    threshold = thresholds(memory=memory)[config.confidence]
    said = _said(draft, text, request, threshold, calibration)
    if isinstance(said, Silence):
        return said
    right = calibration.right(probability(draft, len(said)), request.mode)
    return Suggestion(request.cursor, said, right, recalled(draft, len(said)))


def sound(draft: Draft, request: Request, syntax: bool) -> str | Silence:
    """The text of `draft` that fits where it would stand, however unsure; or why none does."""
    cursor, explicit = request.cursor, request.explicit
    text = scope.within(draft.text, cursor, request.mode, scope.floor(cursor), explicit)
    if text == draft.text and draft.finish is not Finish.STOP:
        if request.mode is Mode.BLOCK:
            text = _whole_lines(text)
        elif draft.finish is not Finish.UNSURE:  # What the model is sure of ends at a word anyway.
            text = _whole_words(text)
    if not text.strip():
        return Silence.EMPTY
    filtered = _filtered(text, cursor)
    if isinstance(filtered, Silence) or not syntax:
        return filtered
    return _unbroken(filtered, request) or Silence.SYNTAX


def thresholds(*, memory: bool) -> Mapping[str, float]:
    """The least probability that what is shown is right, by the setting's names (docs/log.md has the curves).

    What model and memory say is as likely right as it is said to be, and yet more of what is shown would be wrong
    than of the model alone: more is just likely enough. So with `memory` a little more is asked.
    """
    more = _WITH_MEMORY if memory else 0.0
    return {name: least + more for name, least in _THRESHOLDS.items()}


class Start(NamedTuple):
    """A start of a draft's text that could be shown."""

    text: str
    raw: float  # The probability of all tokens that it holds a part of, as the model says it.


def starts(draft: Draft, text: str) -> Iterator[Start]:
    """Those of `text` that end at a word's or a bracket's border, and all of it: each surer than the next."""
    total = 0.0
    reached = 0
    for end, logprob in zip(draft.ends, draft.logprobs, strict=True):
        total += logprob
        whole = end >= len(text)
        start = text if whole else text[: filters.word_border(draft.text, end)]
        if len(start) > reached and start.strip():
            reached = len(start)
            yield Start(start, math.exp(total))
        if whole:
            return


def worth(length: int, right: float, threshold: float) -> float:
    """What it is worth to show so many characters that are right with some probability; 0 at the threshold."""
    return length * (right - threshold)


def ranked(likely: Sequence[tuple[int, float]], threshold: float) -> Iterator[int]:
    """Which start to show: the first that a filter lets pass, of starts' lengths and probabilities of being right.

    `likely` are those above the threshold, each longer than the one before. What is worth the most by itself gives
    way to the longest that is nearly as likely: nobody should have to ask for a closing quote.
    """
    order = sorted(range(len(likely)), key=lambda at: worth(*likely[at], threshold), reverse=True)
    tried: set[int] = set()
    for best in order:
        for at in range(len(likely) - 1, best - 1, -1):
            if at not in tried and likely[at][1] >= _CERTAIN * likely[best][1]:
                tried.add(at)
                yield at


def finished(text: str, request: Request, passed: str = "") -> str | Silence:
    """As much of a sound `text` as can be shown, or why nothing can; `passed` went through the filters before."""
    cursor = request.cursor
    # What was cut shorter may repeat what the longer text did not.
    while (text := filters.cut_trailing_space(text, cursor)) != passed:
        filtered = _filtered(text, cursor)
        if isinstance(filtered, Silence):
            return filtered
        text = passed = filtered
    text = filters.cut_short(text, cursor, 1 if request.explicit else LEAST_CHARACTERS)
    return text or Silence.SHORT


def _said(
    draft: Draft, text: str, request: Request, threshold: float, calibration: Calibration
) -> str | Silence:
    """As much of a sound `text` as is shown, or why nothing is."""
    if request.explicit:
        return finished(text, request)
    sure = [
        (start.text, right)
        for start in starts(draft, text)
        if (right := calibration.right(start.raw, request.mode)) >= threshold
    ]
    silence = Silence.UNSURE
    for at in ranked([(len(start), right) for start, right in sure], threshold):
        said = finished(sure[at][0], request, text)
        if not isinstance(said, Silence):
            return said
        silence = said
    return silence


def still_good(suggestion: Suggestion) -> bool:
    """Whether what is left of a typed-through suggestion is worth showing, by the text filters alone.

    However short: it is on the screen already.
    """
    text, cursor = suggestion.text, suggestion.cursor
    return bool(text.strip()) and all(one(text, cursor) == text for _, one in _TEXT_FILTERS)


def probability(draft: Draft, length: int) -> float:
    """The raw probability of the tokens that make up the first `length` characters."""
    total = 0.0
    start = 0
    for end, logprob in zip(draft.ends, draft.logprobs, strict=True):
        if start >= length:
            break
        total += logprob
        start = end
    return math.exp(total)


def recalled(draft: Draft, length: int) -> float:
    """The share of the first `length` characters' tokens that memory gave."""
    starts = (0, *draft.ends)
    shares = [share for start, share in zip(starts, draft.recalled, strict=False) if start < length]
    return round(sum(shares) / len(shares), 4) if shares else 0.0


def _filtered(text: str, cursor: Cursor) -> str | Silence:
    """`text` as far as every text filter lets it pass, or the reason of the one that left nothing."""
    while True:
        before = text
        for reason, text_filter in _TEXT_FILTERS:
            text = text_filter(text, cursor)
            if not text.strip():
                return reason
        if text == before:
            return text


def _unbroken(text: str, request: Request) -> str:
    """`text` if it breaks no code; asked by hand, as many whole lines of it as do not; "" for none."""
    tree, offset = request.tree, request.cursor.offset
    if tree is None:
        return text
    judged = text
    while text.strip() and breaks(tree, offset, judged):
        end = max(0, text.rfind("\n")) if request.explicit else 0
        # What goes on behind it shows whether a line is right as far as its end.
        following = _NEXT_TOKEN.match(text, end)
        judged = text[: following.end() if following else end]
        text = text[:end]
    return text if text.strip() else ""


def _whole_words(text: str) -> str:
    """Without a last word that was only begun, where there is something before it."""
    end = len(text)
    while end and filters.is_word(text[end - 1]):
        end -= 1
    return text[:end] if text[:end].strip() else text


def _whole_lines(text: str) -> str:
    """Without a last line that was only begun, where there is a whole one before it."""
    end = text.rfind("\n")
    return text[:end] if text[:end].strip() else text
