"""What a package declares: in its metadata, in its licence files, in a Debian package's list of them.

A licence file speaks for its folder and all below it, unless one stands nearer. Where metadata and licence file
disagree, both are said, and so both must be permissive.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from polylsp.corpus.licences import debian
from polylsp.corpus.licences.names import joined, permissive, spdx
from polylsp.corpus.licences.notices import of_licence_file

# Those of other people's code beside it are about other files.
_LICENCE_FILE = re.compile(
    r"(?i)(?!.*(?:third|3rd|bundle|vendor))(?:licen[sc]e|copying|copyright|unlicense)(?:[.-][\w.-]+)?"
)
_BOTH = re.compile(
    r"(?i)licen[sc]e[-_.](?P<name>mit|apache(?:-2\.0)?|bsd|unlicense|boost)(?:\.\w+)?"
)
_MOST = 200_000  # Bytes of a licence file or of metadata that are read.


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose licence holds where."""

    debian: list[debian.Rule]
    files: dict[str, str]  # Folder → the licence of its licence file.
    metadata: dict[str, str]  # Folder → what its metadata declare.
    told: str = ""  # By the recipe.

    def of(self, path: str) -> str:
        """The licence that is declared for the file at `path`; "" where nothing is."""
        if self.told:
            return self.told
        ruled = self._ruled(path)
        if ruled:
            return ruled
        near, declared = _nearest(self.files, path), _nearest(self.metadata, path)
        if permissive(near) and permissive(declared):
            return declared  # One of several that may be chosen has its file, too.
        return joined(near, declared)

    def _ruled(self, path: str) -> str:
        """Debian's paths begin inside the folder that a tarball makes."""
        inside = path.partition("/")[2]
        return debian.of_path(self.debian, inside) or debian.of_path(self.debian, path)


def terms(root: Path, paths: Iterable[str], told: str = "") -> Terms:
    """Of the package that lies in `root` and has files at `paths`."""
    files: dict[str, list[str]] = {}
    metadata: dict[str, str] = {}
    rules: list[debian.Rule] = []
    for path in sorted(paths):
        folder, name = os.path.split(path)
        if path.endswith("debian/copyright"):
            text = _read(root / path)
            rules = debian.rules(text) or rules
            if not rules and (said := debian.whole(text)):
                metadata[""] = said
        elif _LICENCE_FILE.fullmatch(name):
            files.setdefault(folder, []).append(_of_file(name, _read(root / path)))
        elif name in _METADATA or name.endswith(".gemspec"):
            said = _METADATA.get(name, _gemspec)(_read(root / path))
            # A wheel's metadata stand beside its modules, and speak for them.
            place = "" if folder.endswith(".dist-info") else folder
            metadata |= {place: said} if said else {}
    return Terms(rules, {one: _choice(said) for one, said in files.items()}, metadata, told)


def _of_file(name: str, text: str) -> str:
    said = _BOTH.fullmatch(name)
    return of_licence_file(text) or (spdx(said["name"]) if said else "")


def _choice(said: list[str]) -> str:
    """Several licence files side by side are alternatives where all are permissive, else all hold."""
    known = list(dict.fromkeys(one for one in said if one))
    if all(permissive(one) for one in known):
        return " OR ".join(known)
    return joined(*known)


def _nearest(known: dict[str, str], path: str) -> str:
    folder = path
    while folder:
        folder = os.path.dirname(folder)  # noqa: PTH120
        if known.get(folder):
            return known[folder]
    return ""


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return ""


def _wheel(text: str) -> str:
    """`METADATA`: the expression where there is one, else the classifiers, else the free text."""
    head = text.partition("\n\n")[0]
    expression = re.search(r"^License-Expression: (.+)$", head, re.MULTILINE)
    if expression:
        return expression[1].strip()
    classifiers = re.findall(
        r"^Classifier: License :: (?:OSI Approved :: )?(.+)$", head, re.MULTILINE
    )
    named = [one for one in classifiers if one != "OSI Approved"]
    if named:
        return " OR ".join(spdx(one) for one in named)
    free = re.search(r"^License: (.+(?:\n[ \t]+.*)*)", head, re.MULTILINE)
    if not free:
        return ""
    return free[1].strip() if "\n" not in free[1] else of_licence_file(free[1])


def _json(text: str) -> str:
    """`package.json` and `composer.json`: a text, an object with a type, or a list of either."""
    try:
        said = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(said, dict):
        return ""
    found = said.get("license") or said.get("licenses") or ""
    several = found if isinstance(found, list) else [found]
    names = [one.get("type", "") if isinstance(one, dict) else str(one) for one in several]
    return " OR ".join(one for one in names if one)


def _toml(text: str) -> str:
    """`Cargo.toml` and `pyproject.toml`."""
    found = re.search(
        r"^license\s*=\s*(?:\{\s*text\s*=\s*)?[\"']([^\"'\n]+)[\"']", text, re.MULTILINE
    )
    return found[1] if found else ""


def _gemspec(text: str) -> str:
    found = re.search(r"\.licenses?\s*=\s*(.+)$", text, re.MULTILINE)
    return " OR ".join(re.findall(r"[\"']([^\"']+)[\"']", found[1])) if found else ""


_METADATA: dict[str, Callable[[str], str]] = {
    "METADATA": _wheel,
    "package.json": _json,
    "composer.json": _json,
    "Cargo.toml": _toml,
    "pyproject.toml": _toml,
}
