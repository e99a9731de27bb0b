"""Guess how an answer goes on: what followed the same tokens before.

Knows token ids only, and no model: a wrong guess costs time, never a token (`generate` verifies every one).
Ids are kept as the code points of a string, so that the standard library's substring search finds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST = 7  # Tokens guessed at once: with the one that is certain, a pass of eight.
REMEMBERED = 8  # Tokens before an answer that are worth keeping with it.

_LEAST = 2  # Tokens that must be the same for what followed them to be worth a look.
_LONGEST = 8  # More of them in common says nothing more.
_OCCURRENCES = 8  # How many are looked at, from the newest back.
_NOTHING = "\U0010ffff"  # No vocabulary has this id: it parts what never stood side by side.

# How likely the next token is a copy, by how many before it are: SmolLM2-135M, real code (docs/log.md).
_CHANCE = (0.0, 0.35, 0.55, 0.65, 0.72, 0.77, 0.81, 0.84, 0.87)
_WORTH = 0.25  # What one more token costs a pass, in passes, on the processors that were measured.


class Lookup:
    """What stood in the prompt, in the answer so far and in the answer before it."""

    def __init__(self, prompt: Sequence[int], before: Sequence[int] = ()) -> None:
        """`before`: an earlier answer, with a few of the tokens that it followed."""
        self._text = _text(before) + _NOTHING + _text(prompt)
        self._drafted = ""
        self._from = len(self._text)  # Where the last draft stands, if it was right.
        self._luck = 1.0

    def add(self, token: int) -> None:
        """The answer goes on with `token`."""
        self._text += chr(token)

    def draft(self, most: int = MOST) -> list[int]:
        """The tokens that may come next, up to `most`; none where nothing speaks for any."""
        self._learn()
        matched, at = max(self._occurrences(), default=(0, 0))
        drafted = self._text[at : at + self._length(matched, most)] if matched else ""
        drafted = drafted.partition(_NOTHING)[0]
        self._drafted, self._from = drafted, len(self._text)
        return [ord(one) for one in drafted]

    def _learn(self) -> None:
        """Hold the last draft against what came."""
        came = self._text[self._from :]
        for guessed, chosen in zip(self._drafted, came, strict=False):
            right = guessed == chosen
            self._luck += 0.2 * (right - self._luck)
            if not right:
                break

    def _occurrences(self) -> Iterator[tuple[int, int]]:
        """Where the last tokens stood before: how many are the same, and where what followed starts."""
        text, end = self._text, len(self._text)
        last = text[-_LEAST:]
        at = end - _LEAST
        for _ in range(_OCCURRENCES):
            at = text.rfind(last, 0, at + _LEAST - 1)
            if at < 0:
                return
            yield self._matched(at + _LEAST), at + _LEAST

    def _matched(self, at: int) -> int:
        """How many tokens before `at` are those at the end."""
        text, end = self._text, len(self._text)
        count = _LEAST
        while count < min(_LONGEST, at) and text[at - count - 1] == text[end - count - 1]:
            count += 1
        return count

    def _length(self, matched: int, most: int) -> int:
        chance, length = 1.0, 0
        while length < most:
            chance *= _CHANCE[min(matched + length, _LONGEST)]
            if chance < _WORTH:
                break
            length += 1
        return length


def _text(token_ids: Sequence[int]) -> str:
    return "".join(map(chr, token_ids))
