"""Steps over files one by one: read a source, drop and mend, keep what is left. One task, one source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from polylsp.corpus import order, store
from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.likeness import guard as guards
from polylsp.corpus.likeness.shingles import (
    BANDS,
    ROWS,
    SHINGLE,
    bands,
    runs,
    signature,
    words_and_names,
)
from polylsp.corpus.reading import listing
from polylsp.corpus.recipe import Recipe
from polylsp.errors import PolyError

_FILE = "file"  # Where a document carries it.


class Read(PipelineStep):  # type: ignore[misc]
    """The files of the task's source, until there is enough; none, and a note of why, where it cannot be had."""

    type, name = "corpus", "read"

    def __init__(self, recipe: Recipe, work: Path, shelf: Path | None) -> None:
        super().__init__()
        self.recipe, self.work, self.shelf = recipe, work, shelf

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        source = self.recipe.sources[rank]
        store.forget_missing(self.work, rank)
        try:
            found = listing(source, self.shelf)
        except PolyError as error:
            self.stat_update("missing")
            store.note_missing(self.work, rank, str(error))
            return
        taken: Counter[str] = Counter()
        most = self.recipe.megabytes
        for file in found.files(lambda language: taken[language] >= 1e6 * most[language]):
            document = Document("", f"{file.package}/{file.path}", metadata={_FILE: file})
            yield document
            # Documents are pulled one by one: when the next is asked for, this one is through all steps.
            if document.metadata[_FILE].kept:
                taken[file.language] += file.size


class Through(PipelineStep):  # type: ignore[misc]
    """One of the steps that look at a file alone."""

    type = "corpus"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__()

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        step = order.ALONE[self.name]
        for document in data:
            file: SourceFile = document.metadata[_FILE]
            if file.kept:
                with self.track_time():
                    file = step(file) or file.dropped(self.name)
                self.stat_update("kept" if file.kept else "dropped")
                document.metadata[_FILE] = file
            yield document


class Keep(PipelineStep):  # type: ignore[misc]
    """Keep out what must be, redact, sign; and write down all of it in the order of paths, whole or not at all."""

    type, name = "corpus", "keep"

    def __init__(self, recipe: Recipe, work: Path) -> None:
        super().__init__()
        self.recipe, self.work = recipe, work

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        guard = guards.load(self.recipe.guards)
        others = store.Others()
        seen: list[SourceFile] = []
        signatures: dict[str, Any] = {}
        for document in data:
            file: SourceFile = document.metadata[_FILE]
            if not file.language:
                others.add(file)
                continue
            if file.kept:
                with self.track_time():
                    file, signed = _signed(file, guard)
                signatures[file.path] = signed
                document.metadata[_FILE] = file
                self.stat_update(file.decision)
            seen.append(file)
        if not store.is_missing(self.work, rank):
            seen.sort(key=lambda one: one.path)
            rows = [signatures[one.path] for one in seen if one.kept]
            table = np.array(rows, np.uint32).reshape(-1, BANDS * ROWS)
            store.write_source(self.work, rank, seen, table, others)
        yield from ()


def _signed(file: SourceFile, guard: guards.Guard) -> tuple[SourceFile, Any]:
    """`file` redacted, with its signature; dropped where a guard knows it."""
    clean = order.redacted(file)
    words, names = words_and_names(clean.text)
    if guard.knows_task(names):
        return file.dropped(order.BENCHMARK), None
    signed = signature(runs(words, SHINGLE))
    if guard.knows_file(bands(signed.reshape(1, -1)).ravel()):
        return file.dropped(order.HELD_OUT), None
    return clean, signed
