"""Ghost text: what is suggested behind the cursor, and what becomes of it when keys are pressed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# A word with the marks that combine with its letters, or a run of signs; with the space before it.
_WORD = re.compile("\\s*(?:[\\w\u0300-\u036f\u200d\ufe0f]+|[^\\w\\s]+)?")
_LINE = re.compile(r"\n?[^\n]*")


@dataclass(frozen=True, slots=True)
class Ghost:
    """Texts suggested at an offset, best first; one of them is shown."""

    offset: int  # In code points.
    texts: tuple[str, ...]
    chosen: int = 0

    @property
    def text(self) -> str:
        return self.texts[self.chosen]

    @property
    def word(self) -> str:
        """The first word of it, or its first signs."""
        found = _WORD.match(self.text)
        return found.group() if found else ""

    @property
    def line(self) -> str:
        """What is left of this line, or the next line where nothing is."""
        found = _LINE.match(self.text)
        return found.group() if found else ""

    def turned(self, by: int) -> Ghost:
        """Another of the texts."""
        return replace(self, chosen=(self.chosen + by) % len(self.texts))

    def typed(self, text: str) -> Ghost | None:
        """What is left once `text` was typed. None where all of it was, or something else."""
        if self.text == text or not self.text.startswith(text):
            return None
        going = [one for one in self.texts if one.startswith(text) and one != text]
        left = tuple(one[len(text) :] for one in going)
        return Ghost(self.offset + len(text), left, going.index(self.text))
