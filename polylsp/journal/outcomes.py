"""What became of one suggestion, read from what happens to the document: editors do not tell.

One that survives the keys typed along with it is one show. What a single key puts in (a character, a closed
bracket, a new line with its indent) is typing; more at once that agrees with what is shown was taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from polylsp.journal.counts import Key
from polylsp.types import Cursor, Span

_PAIRS = ("()", "[]", "{}", "<>", '""', "''", "``")  # Editors close what was opened.
_KEY = re.compile(
    rf"(?:.|{'|'.join(map(re.escape, _PAIRS))}|[ \t]+|(?:\n[ \t]*){{1,2}})?", re.DOTALL
)


class Outcome(Enum):
    """What the user made of it."""

    ACCEPTED = "accepted"  # To its end.
    PARTLY = "partly"  # A start of it: a word, a line.
    TYPED_OUT = "typedOut"  # By hand, to its end.
    AGAINST = "against"  # Something else was typed where it stood.
    DISMISSED = "dismissed"  # Gone otherwise: the user, or the suggestion.


@dataclass(slots=True)
class Show:
    """A suggestion that is seen, or several to choose from."""

    key: Key
    texts: tuple[str, ...]
    before: str  # The document before it, and behind it.
    behind: str
    typed: str = ""  # What stands of it in the document.
    taken: int = 0  # Characters of that which nobody typed.
    hidden: bool = False  # Nothing was suggested when the editor asked last.
    outcome: Outcome | None = None

    @classmethod
    def at(cls, key: Key, cursor: Cursor, texts: Sequence[str]) -> Show:
        return cls(key, tuple(texts), cursor.prefix, cursor.suffix)

    def renew(self, cursor: Cursor, texts: Sequence[str]) -> bool:
        """Take over what is seen now, if that is what is left of this show, or says more of it."""
        here = len(self.before) + len(self.typed)
        if cursor.offset != here or self._between(cursor.snapshot.text) != self.typed:
            return False
        whole = tuple(self.typed + text for text in texts)
        self.hidden = not texts
        if self.hidden:
            return bool(self.typed)
        if not any(
            new.startswith(old) or old.startswith(new) for new in whole for old in self.texts
        ):
            return False
        self.texts = whole
        return True

    def follow(self, text: str, offset: int | None, inserted: Sequence[str]) -> Span | None:
        """Look at the document after a change; what was taken by it, if anything.

        `offset`: where the cursor is likely to stand, if that is known. `inserted`: what each of its edits
        put in, if that is known.
        """
        middle = self._between(text)
        if middle is None:
            self.end(Outcome.DISMISSED)
            return None
        closed = self._closed(middle, offset, inserted)
        self.behind = middle[len(middle) - closed :] + self.behind
        middle = middle[: len(middle) - closed]
        new = middle[len(self.typed) :] if middle.startswith(self.typed) else ""
        # What comes at once may have been a key, an acceptance and another key.
        parts = inserted if "".join(inserted) == new else [new] if new else []
        if not parts or all(map(_is_key, inserted or parts)):
            self._by_hand(middle)
            return None
        return self._part_by_part(parts)

    def end(self, outcome: Outcome) -> Outcome:
        """Note how it ended; what that comes to, with all that was before."""
        if self.taken and outcome is not Outcome.ACCEPTED:
            outcome = Outcome.PARTLY
        elif self.hidden and outcome is Outcome.AGAINST:
            outcome = Outcome.DISMISSED
        self.outcome = outcome
        return outcome

    def _part_by_part(self, parts: Sequence[str]) -> Span | None:
        """Follow what was put in, piece after piece; from the first that was taken to the last."""
        taken: Span | None = None
        for part in parts:
            at = len(self.before) + len(self.typed)
            if _is_key(part):
                self._by_hand(self.typed + part)
            elif self._at_once(self.typed + part, len(part)):
                taken = Span(taken.start if taken else at, at + len(part))
            if self.outcome is not None:
                break
        return taken

    def _by_hand(self, middle: str) -> None:
        if any(middle.startswith(text) for text in self.texts):
            self.end(Outcome.TYPED_OUT)
        elif not any(text.startswith(middle) for text in self.texts):
            self.end(Outcome.AGAINST)
        self.typed = middle

    def _at_once(self, middle: str, new: int) -> bool:
        """Whether that was taken from what is shown."""
        if self.hidden or not any(text.startswith(middle) for text in self.texts):
            self.end(Outcome.AGAINST)
            return False
        self.typed = middle
        self.taken += new
        if middle in self.texts:
            self.end(Outcome.ACCEPTED)
        return True

    def _between(self, text: str) -> str | None:
        """What stands where the suggestion would, in a document that is the same around it."""
        end = len(text) - len(self.behind)
        same = text.startswith(self.before) and text.endswith(self.behind)
        return text[len(self.before) : end] if same and end >= len(self.before) else None

    def _closed(self, middle: str, offset: int | None, inserted: Sequence[str]) -> int:
        """How many characters at the end of `middle` the editor put behind the cursor by itself."""
        if any(text.startswith(middle) for text in self.texts):
            return 0
        if offset is not None and len(inserted) == 1:
            behind = len(self.before) + len(middle) - offset
            own = 0 < behind < len(inserted[0]) and inserted[0].endswith(middle[-behind:])
            return behind if own else 0
        return 1 if middle[-2:] in _PAIRS else 0


def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None
