"""A recipe: which sources, how much of each, what must stay out, what is set aside. TOML in, a frozen value out.

Everything that decides what a corpus holds stands in it; where it is built and by how many does not matter.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from polylsp.corpus.files.language import TWELVE
from polylsp.corpus.likeness.guard import SHIPPED
from polylsp.errors import PolyError
from polylsp.sources.fetch import PLAIN
from polylsp.sources.packages import is_held_out

KINDS = ("debian", "pypi", "npm")
_VERSION = {"debian": "=", "pypi": "==", "npm": "@"}
_MEGABYTES = 16
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_KEYS = {
    "sources": {*KINDS, "git", "folders"},
    "limits": {"megabytes", *TWELVE},
    "keep-out": {"guards", "benchmarks"},
    "validation": {"share", "packages"},
    "sampling": set(TWELVE),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files of one package come from."""

    package: str  # As in `pypi:attrs`, `git:NAME`, `folder:NAME`.
    version: str
    place: str = ""  # Of a checkout or folder: where it lies, or is cloned from.
    licence: str = ""  # What the recipe says; else the files tell.

    @property
    def kind(self) -> str:
        return self.package.partition(":")[0]

    @property
    def name(self) -> str:
        """As the machine's package managers want it."""
        return f"{self.package}{_VERSION[self.kind]}{self.version}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a corpus is made of."""

    text: str  # As it was read.
    sources: tuple[Source, ...]  # In the order of their packages.
    megabytes: Mapping[str, float]  # The most of a package in each language.
    guards: tuple[str, ...]  # What must not be met: names of what is shipped, or files.
    validation_share: float  # Of the packages.
    validation: tuple[str, ...]  # Packages that are set aside by name.
    sampling: Mapping[str, float]  # Of the languages named, the share of what training draws.

    def sets_aside(self, package: str) -> bool:
        """Whether a package is for validation, all of it: by its name, never by a file's."""
        if package in self.validation:
            return True
        number = int.from_bytes(hashlib.sha256(package.encode()).digest()[:8], "big")
        return number < self.validation_share * 2**64

    def shares(self, sizes: Mapping[str, float]) -> dict[str, float]:
        """Of each language that there is, the share of what training draws; of those unnamed by their size."""
        named = {one: self.sampling[one] for one in sizes if one in self.sampling}
        rest = {one: size for one, size in sizes.items() if one not in named}
        left = max(0.0, 1 - sum(named.values()))
        whole = sum(rest.values())
        shares = named | {one: left * size / whole for one, size in rest.items() if whole}
        return {one: share / sum(shares.values()) for one, share in sorted(shares.items())}


def shipped() -> str:
    """The text of the recipe that the embedded model is trained with."""
    return (resources.files("polylsp.corpus") / "recipes" / "polylsp.toml").read_text("utf-8")


def read(file: Path | None) -> Recipe:
    """The recipe in `file`; the shipped one where there is none. Raises PolyError."""
    if file is None:
        return parse(shipped(), Path())
    try:
        return parse(file.read_text(encoding="utf-8"), file.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise PolyError(f"{file} cannot be read: {error}") from error


def parse(text: str, beside: Path) -> Recipe:
    """The recipe that `text` is; paths in it begin at `beside`. Raises PolyError where it is none."""
    tree = _tree(text)
    _check_keys(tree)
    sources = sorted(_sources(tree.get("sources", {}), beside), key=lambda one: one.package)
    if not sources:
        raise PolyError("the recipe names no source: put packages under [sources], debian = [...]")
    for one, other in pairwise(sources):
        if one.package == other.package:
            raise PolyError(f"the recipe names {one.package} twice: keep one version of it")
    for one in sources:
        if is_held_out(one.package):
            raise PolyError(f"{one.package} is held out for testing: no recipe may name it")
    keep_out, validation = tree.get("keep-out", {}), tree.get("validation", {})
    guards = [*keep_out.get("guards", SHIPPED), *_paths(keep_out.get("benchmarks", ()), beside)]
    return Recipe(
        text,
        tuple(sources),
        _limits(tree.get("limits", {})),
        tuple(guards),
        float(validation.get("share", 0.04)),
        tuple(validation.get("packages", ())),
        {name: float(share) for name, share in tree.get("sampling", {}).items()},
    )


def _tree(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolyError(f"the recipe is no TOML: {error}") from error


def _check_keys(tree: Mapping[str, Any]) -> None:
    for table, content in tree.items():
        known = _KEYS.get(table)
        if known is None or not isinstance(content, dict):
            raise PolyError(f"the recipe has a table [{table}]; known are {', '.join(_KEYS)}")
        for key in content:
            if key not in known:
                raise PolyError(f"[{table}] of the recipe has {key}; known are {', '.join(known)}")


def _limits(said: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(said.get(name, said.get("megabytes", _MEGABYTES))) for name in TWELVE}


def _sources(said: Mapping[str, Any], beside: Path) -> Iterator[Source]:
    for kind in KINDS:
        for spec in said.get(kind, ()):
            yield _package(kind, str(spec))
    for row in said.get("git", ()):
        yield _checkout(row, beside)
    for row in said.get("folders", ()):
        place = _place(row, "path", beside)
        name = str(row.get("name", Path(place).name))
        yield Source(f"folder:{name}", str(row.get("version", "")), place, _licence(row))


def _package(kind: str, spec: str) -> Source:
    """Raises PolyError for what is no name with a version: what is built must not change with the day."""
    name, mark, version = spec.rpartition(_VERSION[kind])
    if not (name and mark and version) or not PLAIN[kind].fullmatch(spec):
        example = {"debian": "libuv1=1.44.2-1", "pypi": "attrs==25.4.0", "npm": "lodash@4.17.21"}
        raise PolyError(f"{kind}: {spec!r} has no version: write it as in {example[kind]!r}")
    return Source(f"{kind}:{name}", version)


def _checkout(row: Mapping[str, Any], beside: Path) -> Source:
    """A repository at a commit."""
    commit, place = str(row.get("commit", "")), str(row.get("from", ""))
    if not _COMMIT.fullmatch(commit) or not place or place.startswith("-"):
        raise PolyError('git: write { from = "PATH or URL", commit = "40 hexadecimal digits" }')
    if "://" not in place and "@" not in place:
        place = _place(row, "from", beside)
    name = str(row.get("name", place.rstrip("/").rpartition("/")[2].removesuffix(".git")))
    return Source(f"git:{name}", commit, place, _licence(row))


def _place(row: Any, key: str, beside: Path) -> str:
    if not isinstance(row, dict) or not row.get(key):
        raise PolyError(f'folders: write {{ {key} = "FOLDER", licence = "MIT" }}')
    return str((beside / row[key]).resolve())


def _licence(row: Mapping[str, Any]) -> str:
    return str(row.get("licence", row.get("license", "")))


def _paths(said: Any, beside: Path) -> list[str]:
    return [str((beside / one).resolve()) for one in said]
