"""Make guards: of benchmarks, and of packages that are held out, their files read as those of a corpus are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from polylsp.corpus import order
from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.likeness import guard
from polylsp.corpus.reading import listing
from polylsp.corpus.recipe import Source
from polylsp.errors import PolyError
from polylsp.sources.find import package
from polylsp.sources.packages import SETS

# Whatever else is wrong with a held-out file, what is like it stays out.
_BEFORE = ("language", "size", "encoding", "content", "few words")


def make(asked: Sequence[str], set_name: str | None, file: Path, say: Callable[[str], None]) -> str:
    """Write a guard of all of it to `file`; what it holds, in words. Raises PolyError."""
    tasks, folders = _sorted([*asked, *(SETS[set_name] if set_name else ())], say)
    if not tasks and not folders:
        raise PolyError("nothing to keep out: name benchmarks, folders, packages or --set")
    of_tasks = guard.of_tasks(text for one in tasks for text in guard.tasks(one))
    of_files = guard.of_files(_texts(folders))
    guard.write(guard.Guard(of_tasks.runs, of_files.bands), file)
    return f"{len(of_tasks.runs):,} runs of words, {len(of_files.bands):,} bands of files"


def _sorted(asked: Sequence[str], say: Callable[[str], None]) -> tuple[list[Path], list[Path]]:
    """Benchmarks and folders; a package that cannot be had is said, and left out."""
    tasks, folders = [], []
    for name in asked:
        place = Path(name)
        if place.is_file():
            tasks.append(place)
        elif place.is_dir():
            folders.append(place)
        else:
            try:
                folders.append(package(name, say))
            except PolyError as error:
                say(f"{name} is left out: {error}\n")
    return tasks, folders


def _texts(folders: Sequence[Path]) -> Iterator[str]:
    for folder in folders:
        for file in listing(Source(f"folder:{folder.name}", "", str(folder))).files():
            known = _known(file)
            if known is not None:
                yield order.redacted(known).text


def _known(file: SourceFile) -> SourceFile | None:
    found: SourceFile | None = file
    for step in _BEFORE:
        found = order.ALONE[step](found) if found else None
    return found
