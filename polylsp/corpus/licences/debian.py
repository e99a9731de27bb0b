"""What a Debian package says of its files' licences: `debian/copyright` in its machine-readable form (DEP-5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from polylsp.corpus.licences.names import permissive
from polylsp.corpus.licences.notices import mentions_restricted, of_licence_file

_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """Some files, and their licence."""

    files: re.Pattern[str]
    licence: str


def rules(copyright_file: str) -> list[Rule]:
    """In the order of the file: of several that match, the last one holds. Empty where it has another form."""
    if not copyright_file.lstrip().lower().startswith("format"):
        return []
    stanzas = [dict(_fields(one)) for one in re.split(r"\n[ \t]*\n", copyright_file)]
    texts = dict(_texts(stanzas))
    found = []
    for stanza in stanzas:
        if "files" in stanza and "license" in stanza:
            name = stanza["license"].split("\n")[0].strip()
            found.append(Rule(_globs(stanza["files"]), _known(name, texts)))
    return found


def whole(copyright_file: str) -> str:
    """What a copyright file in prose says of the whole package; "" where it may say several things."""
    return "" if mentions_restricted(copyright_file) else of_licence_file(copyright_file)


def of_path(found: list[Rule], path: str) -> str:
    """The licence of one file; "" where no rule is about it."""
    return next((one.licence for one in reversed(found) if one.files.fullmatch(path)), "")


def _fields(stanza: str) -> Iterator[tuple[str, str]]:
    for one in _FIELD.finditer(stanza):
        yield one[1].lower(), one[2]


def _texts(stanzas: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """The text of each licence by its name, wherever it stands."""
    for stanza in stanzas:
        name, _, text = stanza.get("license", "").partition("\n")
        if text.strip():
            yield name.strip().lower(), text


def _known(name: str, texts: dict[str, str]) -> str:
    """A name that only this package uses is told by the text that it gives for it."""
    if permissive(name) or name.lower() not in texts or re.search(r"\b(?:and|or)\b|,", name):
        return name
    return of_licence_file(texts[name.lower()]) or name


def _globs(patterns: str) -> re.Pattern[str]:
    """Only `*` and `?` are special, and both match slashes."""
    forms = [
        re.escape(one.removeprefix("./")).replace(r"\*", ".*").replace(r"\?", ".")
        for one in patterns.split()
    ]
    return re.compile("|".join(forms), re.DOTALL)
