"""Steps over all files together: duplicates, then pieces of text by language, then manifest and report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from polylsp.corpus import order, report, store
from polylsp.corpus.files.language import TWELVE
from polylsp.corpus.likeness import twins
from polylsp.corpus.likeness.shingles import BANDS, ROWS
from polylsp.corpus.recipe import Recipe
from polylsp.corpus.writing import write_language


class Twins(PipelineStep):  # type: ignore[misc]
    """Find duplicates among what all sources gave. One task: it needs 500 bytes of memory a file."""

    type, name = "corpus", "duplicates"

    def __init__(self, recipe: Recipe, work: Path) -> None:
        super().__init__()
        self.ranks, self.work = len(recipe.sources), work

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        places: list[tuple[int, str]] = []
        hashes: list[str] = []
        tables = [np.empty((0, BANDS * ROWS), np.uint32)]
        for one in range(self.ranks):
            kept = [row for row in store.seen(self.work, one) if row["decision"] == "kept"]
            places += [(one, row["path"]) for row in kept]
            hashes += [row["sha256"] for row in kept]
            table = store.signatures(self.work, one)
            tables += [] if table is None else [table]
        with self.track_time():
            store.write_twins(self.work, _decisions(places, hashes, np.concatenate(tables)))
        yield from ()


def _decisions(
    places: list[tuple[int, str]], hashes: list[str], signatures: Any
) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    exact, near = twins.same(hashes), twins.alike(signatures)
    for (rank, path), is_same, is_near in zip(places, exact, near, strict=True):
        if is_same or is_near:
            found.setdefault(rank, {})[path] = order.EXACT if is_same else order.NEAR
    return found


class Write(PipelineStep):  # type: ignore[misc]
    """The text of one language, in pieces. One task, one language."""

    type, name = "corpus", "write"

    def __init__(self, recipe: Recipe, out: Path, work: Path) -> None:
        super().__init__()
        self.recipe, self.out, self.work = recipe, out, work

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        with self.track_time():
            write_language(self.recipe, self.out, self.work, TWELVE[rank])
        yield from ()


class Finish(PipelineStep):  # type: ignore[misc]
    """The manifest and the report."""

    type, name = "corpus", "report"

    def __init__(self, recipe: Recipe, out: Path, work: Path) -> None:
        super().__init__()
        self.recipe, self.out, self.work = recipe, out, work

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        with self.track_time():
            report.finish(self.recipe, self.out, self.work)
        yield from ()
