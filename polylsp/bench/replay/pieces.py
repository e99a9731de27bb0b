"""What of a file is typed: from its first third on, at its end or into a hole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file."""

    file: Path
    language: str
    text: str  # The whole file, as it is in the end.
    start: int
    end: int
    hole: bool  # Whether what follows is there already.

    @property
    def uri(self) -> str:
        return self.file.absolute().as_uri()

    @property
    def opened(self) -> str:
        """The document before the first key."""
        return self.text[: self.start] + ("\n" + self.text[self.end :] if self.hole else "")

    def __len__(self) -> int:
        return max(0, self.end - self.start)


def pieces(files: Mapping[str, Sequence[Path]], characters: int) -> Iterator[Piece]:
    """Whole lines, at most `characters` of each file; every other one is typed into a hole."""
    every = ((language, file) for language, chosen in files.items() for file in chosen)
    for index, (language, file) in enumerate(every):
        text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
        start = text.rfind("\n", 0, len(text) // 3) + 1
        end = text.rfind("\n", start, start + characters) + 1
        yield Piece(file, language, text, start, max(start, end), index % 2 == 1)
