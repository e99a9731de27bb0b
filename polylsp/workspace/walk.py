"""Which files of a folder are worth remembering: source in a known language, written by its people.

Left out are what git ignores, secrets, hidden folders, build output and what is installed; symbolic links are
never followed: what they lead to is found by itself, or lies outside.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from polylsp.engine.memory import Kind
from polylsp.workspace.files import is_secret
from polylsp.workspace.ignored import Rules, rules_of

MOST_BYTES = 1_000_000  # Of a file. What is longer was hardly typed.
_MOST_FILES = 100_000
_SUFFIXES = frozenset(
    (
        *(".c", ".h", ".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".ipp"),
        *(".cu", ".cuh", ".cs", ".csx", ".go", ".java", ".js", ".mjs", ".cjs", ".jsx", ".php"),
        *(".phtml", ".inc", ".py", ".pyi", ".pyw", ".rb", ".rake", ".gemspec", ".ru", ".rs"),
        *(".scala", ".sc", ".sbt", ".ts", ".mts", ".cts", ".tsx"),
    )
)
_NAMES = frozenset({"Rakefile", "Gemfile"})
# Tools name what they make so.
_MADE = re.compile(
    r"(?i)(?:[.-]min\.[cm]?js|[.-]bundle\.js|\.pb\.(?:go|cc|h)|_pb2(?:_grpc)?\.pyi?"
    r"|\.(?:g|designer|generated)\.cs|\.generated\.\w+|_generated\.\w+)$"
)
_INSTALLED = frozenset(
    {"node_modules", "bower_components", "jspm_packages", "site-packages", "Pods", "Carthage"}
)
_OUTPUT = frozenset({"build", "dist", "out", "target", "bin", "obj"})
_PROJECTS = (
    *("Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "build.sbt", "package.json"),
    *("pyproject.toml", "setup.py", "CMakeLists.txt", "*.csproj"),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to remember."""

    path: str  # From the root on, with "/".
    kind: Kind  # WORKSPACE or DEPENDENCIES.
    size: int
    changed: int  # Nanoseconds.


@dataclass(frozen=True, slots=True)
class Folder:
    """One that is looked into."""

    place: Path
    rules: Rules
    installed: bool = False

    @classmethod
    def root(cls, place: Path) -> Folder:
        return cls(place, rules_of(place))

    def enter(self, name: str, dependencies: bool) -> Folder | None:
        """The folder `name` in this one, or None where it is not looked into."""
        place = self.place / name
        installed = self.installed or _is_installed(self.place, name)
        if installed:
            return Folder(place, self.rules, True) if dependencies else None
        if name.startswith(".") or (name in _OUTPUT and _any(self.place, *_PROJECTS)):
            return None
        if self._ignored(name, folder=True) or _any(place, "CACHEDIR.TAG"):
            return None
        return Folder(place, self.rules.inside(place))

    def takes(self, name: str) -> bool:
        """Whether the file `name` in this folder is to be remembered, as far as names tell."""
        known = name in _NAMES or os.path.splitext(name)[1].lower() in _SUFFIXES  # noqa: PTH122
        if not known or _MADE.search(name) or is_secret(str(self.place / name)):
            return False
        return self.installed or not self._ignored(name, folder=False)

    def _ignored(self, name: str, folder: bool) -> bool:
        path = (self.place / name).relative_to(self.rules.top).as_posix()
        return self.rules.leave_out(path, folder)


def walk(root: Path, dependencies: bool, halted: Callable[[], bool]) -> Iterator[Found]:
    """The files below `root`; ends early once halted."""
    folders = [Folder.root(root)]
    seen: set[tuple[int, int]] = set()
    count = 0
    while folders and not halted():
        folder = folders.pop()
        for entry in _entries(folder.place, seen):
            try:
                if entry.is_dir(follow_symlinks=False):
                    inner = folder.enter(entry.name, dependencies)
                    folders += [inner] if inner else []
                elif folder.takes(entry.name) and entry.is_file(follow_symlinks=False):
                    found = _found(root, folder, entry.name, entry.stat(follow_symlinks=False))
                    if found:
                        yield found
                        count += 1
            except OSError:
                continue  # It went away, or is nobody's to read.
        if count >= _MOST_FILES:
            log.warning("%s has too many files: %d of them are remembered", root, count)
            return


def find(root: Path, path: str, dependencies: bool) -> Found | None:
    """What `walk` would tell of one file; None where it is none to remember."""
    *folders, name = path.split("/")
    at: Folder | None = Folder.root(root)
    for inner in folders:
        if at is None or (at.place / inner).is_symlink():
            return None
        at = at.enter(inner, dependencies)
    try:
        if at is not None and at.takes(name):
            return _found(root, at, name, (at.place / name).lstat())
    except (OSError, ValueError):
        pass
    return None


def _entries(place: Path, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing where it was met before: mounts and junctions may lead in circles."""
    try:
        status = place.stat()
        if (status.st_dev, status.st_ino) in seen:
            return []
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(place) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        log.info("%s cannot be read (%s): what is in it is not remembered", place, error.strerror)
        return []


def _found(root: Path, folder: Folder, name: str, status: os.stat_result) -> Found | None:
    if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= MOST_BYTES:
        return None
    path = (folder.place / name).relative_to(root).as_posix()
    try:
        path.encode()
    except UnicodeEncodeError:  # No name that could be shown.
        return None
    kind = Kind.DEPENDENCIES if folder.installed else Kind.WORKSPACE
    return Found(path, kind, status.st_size, status.st_mtime_ns)


def _is_installed(place: Path, name: str) -> bool:
    if name == "vendor":
        return _any(place / name, "modules.txt", "autoload.php", "bundle")
    return name in _INSTALLED or _any(place / name, "pyvenv.cfg")


def _any(place: Path, *names: str) -> bool:
    """Whether one of these lies there."""
    return any(
        next(place.glob(name), None) is not None if "*" in name else (place / name).exists()
        for name in names
    )
