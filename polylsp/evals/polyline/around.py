"""What is at hand where a line of a held-out file is finished: files that are open, and the rest of its package.

Neither holds the file itself nor a near twin of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from polylsp.evals.held import Held
from polylsp.evals.package import Package, nearest, packages, text_of, twins
from polylsp.evals.polyline.speaker import Around
from polylsp.evals.twins import shingles
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.syntax.languages import identify
from polylsp.types import Snapshot

OPENED = 3  # Files beside, in an editor's tabs.
_LOOKED_AT = 12  # Of the nearest, for such that are no twins.


class Packages:
    """The packages of held-out files, one at a time: each is read when the first of its files is asked for."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._files = packages(roots)
        self._indexed: tuple[Path, int, Package] | None = None

    def around(self, held: Held, tokenizer: Tokenizer | None = None) -> Around:
        """What is open, and with a `tokenizer` what memory knows besides."""
        root, files = self._of(held)
        opened = self._opened(held, root, files)
        if tokenizer is None:
            return Around(opened)
        package = self._package(root, files, tokenizer)
        if held.file not in package.tokens:
            return Around(opened)
        # Of what is open the index says nothing: that is read as it is.
        return Around(opened, package.around(held.file, 0).sources)

    def texts(self, held: Held) -> Iterator[str]:
        """What the other files of its package say, those of the same language and of near folders first."""
        _, files = self._of(held)
        near = nearest(held.file, [file for file in files if file != held.file])
        known = {held.file: shingles(held.text)}
        for file in near:
            if text := text_of(file):
                known[file] = shingles(text)
                if file not in twins(held.file, {held.file: known[held.file], file: known[file]}):
                    yield text

    def _of(self, held: Held) -> tuple[Path, tuple[Path, ...]]:
        return next(
            (root, files)
            for root, files in self._files
            if root == held.file or root in held.file.parents
        )

    def _opened(self, held: Held, root: Path, files: Sequence[Path]) -> tuple[Snapshot, ...]:
        found: list[Snapshot] = []
        known = {held.file: shingles(held.text)}
        near = nearest(held.file, [file for file in files if file != held.file])
        for file in near[:_LOOKED_AT]:
            text = text_of(file)
            known[file] = shingles(text)
            if not text or file in twins(held.file, known):
                continue
            name = file.relative_to(root).as_posix()
            language = identify("", name, text)
            found.append(Snapshot.of(file.as_uri(), 0, language, text, name, str(file)))
        return tuple(found[:OPENED])

    def _package(self, root: Path, files: Sequence[Path], tokenizer: Tokenizer) -> Package:
        known = self._indexed
        if known is None or known[:2] != (root, id(tokenizer)):
            known = self._indexed = (root, id(tokenizer), Package(root, files, tokenizer))
        return known[2]
