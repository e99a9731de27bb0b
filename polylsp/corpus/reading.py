"""The files of a source, wherever that comes from: found in an order drawn by lot, so that a part is a sample."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from polylsp.corpus.files.language import by_name
from polylsp.corpus.files.source import KEPT, SourceFile
from polylsp.corpus.licences.terms import Terms, terms
from polylsp.corpus.recipe import KINDS, Source
from polylsp.errors import PolyError
from polylsp.sources import find

ENOUGH = "enough of the package"
_START = 64  # Bytes; a script's first line tells its language.
_MOST_READ = 4_000_000  # Bytes; what is longer is dropped for its size anyway.


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a source."""

    source: Source
    root: Path
    paths: list[str]  # From the root on, in order.
    terms: Terms

    def files(self, enough: Callable[[str], bool] = lambda _: False) -> Iterator[SourceFile]:
        """All of them; without content those in none of the twelve languages, and in one there is enough of."""
        shown = _shown(self.paths)
        for path in sorted(self.paths, key=self._lot):
            try:
                yield self._file(path, path.removeprefix(shown), enough)
            except OSError:
                continue  # A name that this system cannot have.

    def _file(self, path: str, name: str, enough: Callable[[str], bool]) -> SourceFile:
        place = os.path.join(self.root, path)  # noqa: PTH118 - There are hundreds of thousands.
        with open(place, "rb") as opened:  # noqa: PTH123
            start = opened.read(_START)
            language = by_name(path, start)
            full = bool(language) and enough(language)
            rest = opened.read(_MOST_READ) if language and not full else b""
            size = os.fstat(opened.fileno()).st_size
        return SourceFile(
            package=self.source.package,
            version=self.source.version,
            # Names are bytes to some systems; what is no text is shown as such.
            path=name.encode("utf-8", "replace").decode("utf-8"),
            size=size,
            language=language,
            declared=self.terms.of(path) if language and not full else "",
            content=start + rest if rest else start,
            decision=ENOUGH if full else KEPT,
        )

    def _lot(self, path: str) -> bytes:
        return hashlib.sha256(f"{self.source.package}/{path}".encode("utf-8", "replace")).digest()


def listing(source: Source, shelf: Path | None = None) -> Listing:
    """Fetch `source` where it is not there yet, and look into it. Raises PolyError where it cannot be had."""
    root = _root(source, shelf)
    tracked = _tracked(root)
    try:
        paths = sorted(_walk(root) if tracked is None else tracked)
    except OSError as error:
        raise PolyError(f"{root} cannot be read: {error}") from error
    return Listing(source, root, paths, terms(root, paths, source.licence))


def _root(source: Source, shelf: Path | None) -> Path:
    if source.kind in KINDS:
        return find.package(source.name, cache=shelf)
    if source.kind == "git":
        return _checkout(source, shelf or find.shelf())
    root = Path(source.place)
    if not root.is_dir():
        raise PolyError(f"{root}: no such folder")
    return root


def _checkout(source: Source, shelf: Path) -> Path:
    """A clone at the recipe's commit, made once."""
    name = re.sub(r"[^\w.-]+", "+", source.package.partition(":")[2])
    folder = shelf / f"git-{name}@{source.version}"
    if folder.is_dir():
        return folder
    shelf.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=shelf, prefix="fetching-") as temporary:
        clone = Path(temporary) / "clone"
        _git("clone", "--quiet", "--no-checkout", "--", source.place, str(clone))
        _git("-C", str(clone), "checkout", "--quiet", "--detach", source.version)
        if not folder.is_dir():
            clone.rename(folder)
    return folder


def _git(*arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise PolyError("checkouts are made with git, which is not on the PATH")
    done = subprocess.run(  # noqa: S603
        [git, *arguments], capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        verb = next(one for one in arguments if one in ("clone", "checkout", "ls-files"))
        raise PolyError(f"git {verb} failed: {' '.join(said[-1:])}")
    return done.stdout.decode("utf-8", "surrogateescape")


def _tracked(root: Path) -> list[str] | None:
    """What git knows in a checkout; None where the folder is none."""
    if not (root / ".git").exists():
        return None
    listed = _git("-C", str(root), "ls-files", "-z").split("\0")
    return [
        one for one in listed if one and (root / one).is_file() and not (root / one).is_symlink()
    ]


def _walk(root: Path) -> Iterator[str]:
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(root / folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders += [path] if entry.name != ".git" else []
                elif entry.is_file(follow_symlinks=False):
                    yield path


def _shown(paths: list[str]) -> str:
    """What every path begins with: archives put all into a folder with a version in its name."""
    tops = {path.partition("/")[0] for path in paths if path != "debian/copyright"}
    alone = len(tops) == 1 and all("/" in path for path in paths)
    return f"{tops.pop()}/" if alone else ""
