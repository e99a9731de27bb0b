"""Which files are worth typing: hand-written ones, of some length, always the same."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from polylsp.syntax.languages import identify

_SHORTEST, _LONGEST = 3_000, 60_000  # Bytes.
_LONGEST_LINE = 300  # Beyond this a file was not written by hand.
# Nor where its first lines say so.
_GENERATED = re.compile(
    r"\b(auto(matically)?[- ]?generated|generated (by|from|with)|do not edit)\b", re.IGNORECASE
)
_HEAD = 10  # Lines.
# What a compiler of TypeScript writes beside the code that it makes.
_DECLARATIONS = {".js": ".d.ts", ".mjs": ".d.mts", ".cjs": ".d.cts"}


def choose(roots: Iterable[Path], per_language: int, seed: int = 7) -> dict[str, list[Path]]:
    """Hand-written source files under `roots`, up to `per_language` of each language, always the same."""
    found: dict[str, list[Path]] = {}
    for root in roots:
        for file in sorted([root] if root.is_file() else root.rglob("*")):
            language = identify("", file.name)
            if language and file.is_file() and worth_typing(file):
                found.setdefault(language, []).append(file)
    for files in found.values():
        random.Random(seed).shuffle(files)
    return {language: found[language][:per_language] for language in sorted(found)}


def worth_typing(file: Path) -> bool:
    """Whether somebody wrote it by hand, and enough of it."""
    if not _SHORTEST < file.stat().st_size < _LONGEST or ".min." in file.name:
        return False
    if file.name.endswith((".d.ts", ".d.mts", ".d.cts")) or "dist" in file.parts:
        return False
    declarations = _DECLARATIONS.get(file.suffix)
    if declarations and file.with_suffix(declarations).exists():
        return False
    try:
        lines = list(_lines(file))
        if _GENERATED.search("".join(lines[:_HEAD])):
            return False
        return all(len(line) <= _LONGEST_LINE for line in lines)
    except UnicodeDecodeError:
        return False


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as opened:
        yield from opened
