"""Guess how an answer goes on: as it did where the same tokens stood before.

Knows token ids only, and no model: a wrong guess costs time, never a token (`generate` verifies every one).
Ids are kept as the code points of a string, so that the standard library's search for substrings finds them:
no index has to be built for a prompt, nor to follow what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST = 7  # Tokens guessed at once: with the one that is certain, a pass of eight.
REMEMBERED = 8  # Tokens before an answer that are worth keeping with it, to be recognised by.

_LEAST = 2  # Tokens in common for what followed them to be worth a look.
_LONGEST = 8  # Beyond this, more of them say nothing more.
_OCCURRENCES = 8  # How many are looked at, from the newest back.
# The chance that the next token is the same too, by the tokens in common before it; and the least chance that
# all of a guess is right for its last token to be worth a wider pass. Both were measured (docs/log.md).
_CHANCE = (0.0, 0.25, 0.5, 0.65, 0.8, 0.8, 0.82, 0.87, 0.9)
_WORTH = 0.35
_NOTHING = "\U0010ffff"  # No vocabulary has this id: it parts what never stood side by side.


class Lookup:
    """What stood in the prompt, in the answer so far and in the answer before it."""

    def __init__(self, prompt: Sequence[int], before: Sequence[int] = ()) -> None:
        """`before`: an earlier answer, with a few of the tokens that it followed."""
        self._text = _text(before) + _NOTHING + _text(prompt)

    def add(self, token: int) -> None:
        """The answer goes on with `token`."""
        self._text += chr(token)

    def draft(self, most: int = MOST) -> list[int]:
        """The tokens that may come next, up to `most`; none where nothing speaks for any.

        They follow the newest of the places that have the most tokens in common with the end.
        """
        in_common, at = max(self._occurrences(), default=(0, 0))
        drafted = self._text[at : at + worth(in_common, most)]
        return [ord(one) for one in drafted.partition(_NOTHING)[0]]

    def _occurrences(self) -> Iterator[tuple[int, int]]:
        """Where the last tokens stood before: how many are in common, and where what followed starts."""
        last = self._text[-_LEAST:]
        end = len(self._text) - 1  # Before the end, there is something that followed.
        for _ in range(_OCCURRENCES):
            at = self._text.rfind(last, 0, end)
            if at < 0:
                return
            end = at + _LEAST - 1
            if self._text[at + _LEAST] != _NOTHING:
                yield self._in_common(at + _LEAST), at + _LEAST

    def _in_common(self, at: int) -> int:
        """How many tokens before `at` are those at the end."""
        text, count = self._text, _LEAST
        while count < min(_LONGEST, at) and text[at - count - 1] == text[-count - 1]:
            count += 1
        return count


def worth(in_common: int, most: int, chance: float = 1.0) -> int:
    """How many tokens to guess: each that is right puts one more in common with those behind it.

    `chance`: that the place is the right one to read on from, as far as more is known of it.
    """
    for length in range(most):
        chance *= _CHANCE[min(in_common + length, _LONGEST)]
        if chance < _WORTH:
            return length
    return max(0, most)


def _text(token_ids: Sequence[int]) -> str:
    return "".join(map(chr, token_ids))
