"""The files that measurements are made on: hand-written, of packages that no model of ours was taught.

Always the same ones, whatever else lies beside them: files take turns by package, in an order that only their
names decide. A C header that reads like C++ is C++, and TSX is TypeScript: PolyCoder's twelve languages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from polylsp.bench.replay.files import worth_typing
from polylsp.errors import PolyError
from polylsp.evals.package import packages
from polylsp.syntax.languages import identify

_DIALECTS = {"tsx": "typescript"}


@dataclass(frozen=True, slots=True)
class Held:
    """A file that was held out."""

    language: str
    package: str
    name: str  # Within the package.
    file: Path
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def held_out(
    roots: Iterable[Path], per_language: int, whole: bool = False
) -> dict[str, list[Held]]:
    """Up to `per_language` files of each language under `roots`, by language.

    `whole`: every source file there is, as a published test set is meant. Raises PolyError where there is none.
    """
    roots = list(roots)
    by_language: dict[str, list[list[Held]]] = {}
    for root, files in packages(roots):
        own: dict[str, list[Held]] = {}
        for one in _read(root, files, whole):
            own.setdefault(one.language, []).append(one)
        for language, found in own.items():
            by_language.setdefault(language, []).append(sorted(found, key=_order))
    if not by_language:
        named = ", ".join(map(str, roots))
        raise PolyError(f"{named}: no source file in the twelve languages; give a folder of some")
    most = None if whole else per_language
    return {
        language: list(_once(_by_turns(found)))[:most]
        for language, found in sorted(by_language.items())
    }


def _read(root: Path, files: Iterable[Path], whole: bool) -> Iterator[Held]:
    for file in files:
        if not (identify("", file.name) and file.is_file() and (whole or worth_typing(file))):
            continue
        # Of a published test set every byte counts that can be read: so it was read when it was published.
        text = file.read_text(encoding="utf-8", errors="ignore" if whole else "strict")
        language = identify("", file.name, text)
        if text.strip():
            name = file.relative_to(root).as_posix() if file != root else file.name
            yield Held(_DIALECTS.get(language, language), root.name, name, file, text)


def _order(held: Held) -> bytes:
    """Of one package's files: as good as chance, and the same on every machine."""
    return hashlib.sha256(held.name.encode()).digest()


def _by_turns(found: Sequence[Sequence[Held]]) -> Iterator[Held]:
    return (one for one in chain.from_iterable(zip_longest(*found)) if one is not None)


def _once(found: Iterable[Held]) -> Iterator[Held]:
    """Without those that say the same as one before."""
    seen: set[str] = set()
    for one in found:
        if one.text not in seen:
            seen.add(one.text)
            yield one
