"""A corpus folder's documents: `text/{train,validation}/{language}/NNNNN.jsonl.gz`, one document a line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from polylsp.errors import PolyError


@dataclass(frozen=True, slots=True)
class Document:
    """A source file, as it was kept."""

    package: str
    path: str  # Within its package.
    language: str
    sha256: str
    text: str


def pieces(corpus: Path, part: str) -> dict[str, list[Path]]:
    """The files of `part` ("train" or "validation") by language. Raises PolyError where there are none."""
    found = {
        folder.name: sorted(folder.glob("*.jsonl.gz"))
        for folder in sorted((corpus / "text" / part).glob("*"))
        if folder.is_dir()
    }
    if not any(found.values()):
        raise PolyError(
            f"{corpus} holds no {part} text (text/{part}/LANGUAGE/*.jsonl.gz): "
            "build a corpus there first (polylsp corpus build)"
        )
    return {language: files for language, files in found.items() if files}


def documents(file: Path) -> Iterator[Document]:
    """Those of one file, in its order. Raises PolyError where it cannot be read."""
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="\n") as opened:
            for line in opened:
                row = json.loads(line)
                yield Document(
                    row["package"],
                    row["path"],
                    row["language"],
                    row["sha256"],
                    row["text"].replace("\r\n", "\n").replace("\r", "\n"),
                )
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PolyError(
            f"{file} cannot be read ({error!r}): build the corpus again, or check it "
            "(polylsp corpus verify)"
        ) from error
