"""What is at hand where a line of a held-out file is finished: files that are open, and the rest of its package.

Neither holds the file itself nor a near twin of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from polylsp.evals.held import Held
from polylsp.evals.package import Package, nearest, packages, text_of, twins
from polylsp.evals.polyline.speaker import Around
from polylsp.evals.twins import shingles
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.syntax.languages import identify
from polylsp.types import Snapshot

OPENED = 3  # Files beside, in an editor's tabs.
_READ = (
    600_000  # Characters of the rest of a package that a baseline learns from, the nearest first.
)


class Packages:
    """The packages of held-out files, one at a time: each is read when the first of its files is asked for."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._files = [
            (root, tuple(file for file in files if identify("", file.name)))
            for root, files in packages(roots)
        ]
        self._indexed: tuple[Path, str, Package] | None = None
        self._last: dict[str, tuple[Path, Around]] = {}  # By what reads it.

    def around(self, held: Held, tokenizer: Tokenizer | None = None) -> Around:
        """What is open, and with a `tokenizer` what memory knows besides."""
        reader = tokenizer.fingerprint if tokenizer else ""
        file, around = self._last.get(reader, (None, Around()))
        if file != held.file:
            around = self._around(held, tokenizer)
            self._last[reader] = (held.file, around)
        return around

    def texts(self, held: Held) -> list[str]:
        """What the other files of its package say, those of the same language and of near folders first."""
        found, room = [], _READ
        for _, text in self._others(held):
            if room <= 0:
                break
            found.append(text[:room])
            room -= len(text)
        return found

    def _around(self, held: Held, tokenizer: Tokenizer | None) -> Around:
        root, files = self._of(held)
        others = islice(self._others(held), OPENED)
        opened = tuple(_snapshot(file, root, text) for file, text in others)
        if tokenizer is None:
            return Around(opened)
        package = self._package(root, files, tokenizer)
        if held.file not in package.tokens:
            return Around(opened)
        return Around(opened, package.around(held.file, 0).sources)

    def _others(self, held: Held) -> Iterator[tuple[Path, str]]:
        """The nearest files that are no near twins, and what they say."""
        _, files = self._of(held)
        known = {held.file: shingles(held.text)}
        for file in nearest(held.file, [file for file in files if file != held.file]):
            if text := text_of(file):
                pair = {**known, file: shingles(text)}
                if not twins(held.file, pair):
                    yield file, text

    def _of(self, held: Held) -> tuple[Path, tuple[Path, ...]]:
        return next((root, files) for root, files in self._files if held.file in files)

    def _package(self, root: Path, files: Sequence[Path], tokenizer: Tokenizer) -> Package:
        known = self._indexed
        if known is None or known[:2] != (root, tokenizer.fingerprint):
            package = Package(root, files, tokenizer)
            known = self._indexed = (root, tokenizer.fingerprint, package)
        return known[2]


def _snapshot(file: Path, root: Path, text: str) -> Snapshot:
    name = file.relative_to(root).as_posix()
    uri, language = file.absolute().as_uri(), identify("", name, text)
    return Snapshot.of(uri, 0, language, text, name, str(file))
