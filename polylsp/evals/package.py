"""What a package knows of one of its files: all the others but its near twins, two of them perhaps open.

Indexed once for all of its files: of what is typed, what is open and what is a twin, the index says nothing, as it
says nothing of files that are open in an editor.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from polylsp.engine.array import MOST, Array, width
from polylsp.engine.build import build
from polylsp.engine.live import BORDER, Live
from polylsp.engine.memory import Ids, Kind, Source
from polylsp.engine.suffixes import Suffixes
from polylsp.evals.twins import Shingles, alike, shingles
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.syntax.languages import identify
from polylsp.workspace.files import is_secret

_LARGEST = 500_000  # Bytes of a file that somebody wrote.
_BUILT = frozenset({"dist", "node_modules"})  # Folders of what nobody wrote here.
# What compilers make of TypeScript, and packages ship beside it: the same again, less alike than twins are.
_TYPED = re.compile(r"(?<!\.d)\.[cm]?tsx?$")
_MADE = re.compile(r"(\.d\.[cm]?ts|\.[cm]?jsx?)(\.flow)?$")


def packages(roots: Iterable[Path]) -> list[tuple[Path, tuple[Path, ...]]]:
    """Folders, and the files of each; files that were named one by one belong together."""
    roots = list(roots)
    folders = [(root, tuple(sorted(root.rglob("*")))) for root in roots if not root.is_file()]
    single = tuple(root for root in roots if root.is_file())
    if single:
        folders.append((Path(os.path.commonpath([one.parent for one in single])), single))
    return folders


def text_of(file: Path) -> str:
    """What a source file says; "" where it is none, or none that somebody wrote."""
    if not identify("", file.name) or is_secret(str(file)) or file.is_symlink():
        return ""
    if not file.is_file() or file.stat().st_size > _LARGEST or _BUILT & set(file.parts):
        return ""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if "\0" in text else text.replace("\r\n", "\n")


def twins(file: Path, known: Mapping[Path, Shingles]) -> list[Path]:
    """Which of the `known` files say mostly what `file` says, or were made of it by a compiler."""
    own = known[file]
    return [
        other
        for other, runs in known.items()
        if other != file and (alike(own, runs) or _made_of(file, other))
    ]


def _made_of(file: Path, other: Path) -> bool:
    """Whether one is TypeScript and the other, wherever it lies, may be what it was compiled to."""
    one, another = file.name, other.name
    return bool(_TYPED.search(one)) and _TYPED.sub("", one) == _MADE.sub("", another)


def nearest(file: Path, others: Iterable[Path]) -> list[Path]:
    """The `others`, those of the same language and of near folders first."""
    language = identify("", file.name)

    def far(other: Path) -> tuple[bool, int, Path]:
        steps = Path(os.path.relpath(other.parent, file.parent)).parts
        return identify("", other.name) != language, len(steps), other

    return sorted(others, key=far)


@dataclass(frozen=True, slots=True)
class Around:
    """What is known where one file is typed."""

    sources: tuple[Source, ...]
    opened: tuple[Path, ...]
    twins: tuple[Path, ...]  # Taken out.


class Package:
    """Some files under one folder, indexed for one tokenizer."""

    def __init__(self, root: Path, files: Iterable[Path], tokenizer: Tokenizer) -> None:
        self.root = root
        self.tokens: dict[Path, Ids] = {}
        self.known: dict[Path, Shingles] = {}
        for file in files:
            if text := text_of(file):
                self.tokens[file] = np.array(tokenizer.encode(text)[: MOST - 1], np.uint32)
                self.known[file] = shingles(text)
        self._places: dict[Path, tuple[int, int, int]] = {}  # Array, first place, end.
        self._arrays = self._indexed(width(tokenizer.size))

    def around(self, file: Path, opened: int) -> Around:
        """What is known where `file` is typed while the `opened` files nearest to it are open."""
        copies = twins(file, self.known)
        near = self._nearest(file, {file, *copies})[:opened]
        left_out: dict[int, list[tuple[int, int]]] = {}
        for other in (file, *copies, *near):
            array, first, end = self._places[other]
            left_out.setdefault(array, []).append((first, end))
        in_order = {array: sorted(places) for array, places in left_out.items()}
        sources: list[Source] = [Suffixes(Kind.WORKSPACE, self._arrays, in_order)]
        if near:
            border = np.array([BORDER], np.uint32)
            parts = [part for other in near for part in (self.tokens[other], border)]
            sources.append(Live(Kind.OPEN, np.concatenate(parts)))
        return Around(tuple(sources), tuple(near), tuple(copies))

    def named(self, file: Path) -> str:
        """What to call one of the files."""
        return file.relative_to(self.root).as_posix()

    def _nearest(self, file: Path, without: set[Path]) -> list[Path]:
        return nearest(file, self.tokens.keys() - without)

    def _indexed(self, size: int) -> list[Array]:
        arrays: list[Array] = []
        for files in _parts(self.tokens):
            array, ends = build([self.tokens[file] for file in files], size)
            for file, end in zip(files, ends, strict=True):
                # Behind a stream stands its border, before it another's: what follows in it has these places.
                first = end - len(self.tokens[file])
                self._places[file] = (len(arrays), first, end + 1)
            arrays.append(array)
        return arrays


def _parts(tokens: dict[Path, Ids]) -> list[Sequence[Path]]:
    """Files that go into one array together."""
    parts: list[list[Path]] = [[]]
    room = MOST
    for file, ids in tokens.items():
        if len(ids) + 1 > room:
            parts.append([])
            room = MOST
        parts[-1].append(file)
        room -= len(ids) + 1
    return [part for part in parts if part]
