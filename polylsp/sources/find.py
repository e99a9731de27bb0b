"""What to read, by name → folders and files: one's own, those of a git checkout, or a package's.

Packages are fetched with the machine's own pip, npm or apt-get, without running anything of theirs, and kept in
the user's cache directory.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from polylsp.errors import PolyError
from polylsp.sources import fetch
from polylsp.sources.packages import SETS
from polylsp.sources.unpack import unpack

_PACKAGE = re.compile(r"(pypi|npm|debian):(.+)")
_UNSAFE = re.compile(r"[^\w.+=@-]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Where it lies, and what it was called."""

    folders: list[Path]
    names: list[str]


def find(
    asked: Sequence[str],
    set_name: str | None = None,
    say: Callable[[str], None] = lambda _: None,
    cache: Path | None = None,
) -> Found:
    """Everything that was `asked` for, and the packages of a set.

    Raises PolyError where one of those asked for cannot be had; of a set, that is only said, and the rest typed.
    """
    if not asked and set_name is None:
        raise PolyError("nothing to type: name a folder, a package or --set")
    found = Found([], [])
    for name in asked:
        found.folders.extend(_roots(name, say, cache))
        found.names.append(name)
    for name in SETS[set_name] if set_name else ():
        try:
            found.folders.append(package(name, say, cache))
            found.names.append(name)
        except PolyError as error:
            say(f"{name} is left out: {error}")
    return found


def shelf() -> Path:
    """Where packages are kept."""
    return platformdirs.user_cache_path("polylsp") / "sources"


def package(
    name: str, say: Callable[[str], None] = lambda _: None, cache: Path | None = None
) -> Path:
    """The folder of a package, as in `pypi:rich==15.0.0`; fetched where it is not yet. Raises PolyError."""
    match = _PACKAGE.fullmatch(name)
    if match is None:
        raise PolyError(f"{name}: packages are named as in pypi:rich, npm:koa, debian:libevent")
    kind, spec = match.groups()
    if not fetch.PLAIN[kind].fullmatch(spec):
        raise PolyError(f"{name}: no name of a {kind} package, with or without a version")
    cache = cache or shelf()
    folder = cache / f"{kind}-{_UNSAFE.sub('+', spec)}"
    if not folder.is_dir():
        say(f"fetching {name}")
        _fetch(kind, spec, folder)
    return folder


def _fetch(kind: str, spec: str, folder: Path) -> None:
    """Fetch and unpack beside `folder`, so that what is there is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as temporary:
        archives, unpacked = Path(temporary) / "archives", Path(temporary) / "unpacked"
        archives.mkdir()
        unpacked.mkdir()
        fetch.FETCHERS[kind](spec, archives, folder.parent)
        for archive in fetch.archives(archives):
            unpack(archive, unpacked)
        if not any(unpacked.iterdir()):
            raise PolyError(f"{kind}:{spec} came without any source")
        if not folder.is_dir():  # Another run may have been quicker.
            unpacked.rename(folder)


def _roots(name: str, say: Callable[[str], None], cache: Path | None) -> list[Path]:
    path = Path(name)
    if _PACKAGE.fullmatch(name) and not path.exists():
        return [package(name, say, cache)]
    if not path.exists():
        raise PolyError(f"{name}: no such file, folder or package")
    return _tracked(path) if (path / ".git").exists() else [path]


def _tracked(checkout: Path) -> list[Path]:
    """The files that git knows in a checkout: neither what was built nor what was installed there."""
    git = shutil.which("git")
    if git is None:
        return [checkout]
    listed = subprocess.run(  # noqa: S603
        [git, "-C", str(checkout), "ls-files", "-z"], capture_output=True, check=False
    )
    names = listed.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [path for one in names if one and (path := checkout / one).is_file()] or [checkout]
