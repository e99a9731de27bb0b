"""Everything that polylsp writes on a machine for its user, and how each of it is deleted.

The environment that runs it, and what an editor keeps, are not among it. Only what is recognised as polylsp's own
is named here: variables may point to folders that hold other things.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from polylsp.errors import PolyError

KINDS = {
    "models": "models that were pulled or converted",
    "index": "what is remembered of your code",
    "statistics": "what became of suggestions",
    "sources": "packages fetched to measure with",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that can be deleted by itself."""

    kind: str
    path: Path
    about: str
    size: int  # Bytes on disk.
    delete: Callable[[], object]  # May raise PolyError.


def kept(kinds: set[str]) -> list[Kept]:
    """What there is of these kinds."""
    return [one for kind in KINDS if kind in kinds for one in _FINDERS[kind]()]


def tidy() -> None:
    """Delete folders of ours that are empty now."""
    from polylsp.journal import store as statistics
    from polylsp.models import store as models
    from polylsp.sources import find as sources
    from polylsp.workspace.shelf import shelf

    for folder in (models.root(), shelf(), sources.shelf(), statistics.place().parent):
        _delete_empty(folder)


def _delete_empty(folder: Path) -> None:
    """A folder, and those around it that bear our name."""
    with contextlib.suppress(OSError):
        folder.rmdir()
    around = folder.parent
    while "polylsp" in (around.name, around.parent.name):  # Windows has one within the other.
        try:
            around.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        around = around.parent


def _models() -> Iterator[Kept]:
    from polylsp.models import store

    for name in store.names():
        if store.ours(name):
            place = store.home(name)
            yield Kept("models", place, name, store.size(place), _removing(name))


def _removing(name: str) -> Callable[[], object]:
    from polylsp.models import store

    return lambda: store.remove(name)


def _index() -> Iterator[Kept]:
    from polylsp.workspace.library import known

    for row in known():
        folder = Path(row["folder"])
        about = row["root"] or "unfinished"
        yield Kept("index", folder, about, row["disk"], _unshelving(folder))


def _unshelving(folder: Path) -> Callable[[], object]:
    from polylsp.workspace import shelf

    return lambda: shelf.delete(folder)


def _statistics() -> Iterator[Kept]:
    from polylsp.journal import store

    files = store.files()
    if files:
        size = sum(file.stat().st_size for file in files)
        yield Kept("statistics", store.place(), "by day and language", size, store.clear)


def _sources() -> Iterator[Kept]:
    from polylsp.models import store
    from polylsp.sources import find as sources

    folder = sources.shelf()
    if folder.is_dir() and any(folder.iterdir()):
        number = sum(one.is_dir() and one.name != "apt" for one in folder.iterdir())
        about = f"{number} package{'' if number == 1 else 's'}"
        yield Kept("sources", folder, about, store.size(folder), lambda: _remove(folder))


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise PolyError(f"{folder} cannot be deleted ({error}): is it in use?") from error


_FINDERS: dict[str, Callable[[], Iterator[Kept]]] = {
    "models": _models,
    "index": _index,
    "statistics": _statistics,
    "sources": _sources,
}
