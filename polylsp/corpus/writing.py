"""The corpus itself: documents of one language in pieces small enough to be carried anywhere, in a fixed order."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from polylsp.corpus import store
from polylsp.corpus.recipe import Recipe

SPLITS = ("train", "validation")
_PIECE = 15_000_000  # Bytes on disk, and a document more; none is over 16 MB.


def write_language(recipe: Recipe, out: Path, work: Path, language: str) -> None:
    """Write `out`/text/{train,validation}/`language`, in place of what is there."""
    for split in SPLITS:
        making = work / "text" / split / language
        shutil.rmtree(making, ignore_errors=True)
        _write_pieces(making, _documents(recipe, work, language, split == "validation"))
        final = out / "text" / split / language
        shutil.rmtree(final, ignore_errors=True)
        if making.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            making.replace(final)


def pieces(out: Path) -> list[Path]:
    """All of a corpus, in order."""
    return sorted((out / "text").glob("*/*/*.jsonl.gz"))


def _documents(recipe: Recipe, work: Path, language: str, aside: bool) -> Iterator[dict[str, Any]]:
    """What is kept of the sources in their order, which is that of packages."""
    for rank, source in enumerate(recipe.sources):
        if recipe.sets_aside(source.package) == aside:
            twins = store.twins(work, rank)
            yield from (one for one in store.kept(work, rank, language) if one["path"] not in twins)


def _write_pieces(folder: Path, documents: Iterable[dict[str, Any]]) -> None:
    left = iter(documents)
    document = next(left, None)
    number = 0
    while document is not None:
        with store.Lines(folder / f"{number:05}.jsonl.gz") as piece:
            while document is not None and piece.size < _PIECE:
                piece.write(document)
                document = next(left, None)
        number += 1
