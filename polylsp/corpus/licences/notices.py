"""Licences recognised by their own words: in a licence file, or in the notice at a file's top."""

from __future__ import annotations

import re

from polylsp.corpus.licences.names import joined
from polylsp.corpus.licences.wordings import PERMISSIVE, RESTRICTED

_HEAD = 5_000  # Characters that a notice stands in.

_RESTRICTED = frozenset(name for name, _, _ in RESTRICTED)
_FORMS = tuple(
    (name, words, re.compile("|".join(forms))) for name, words, forms in PERMISSIVE + RESTRICTED
)
_CHOICE = re.compile(
    r"alternatively|dual[- ]licen[sc]|\beither licen[sc]e|licen[sc]e of your choice"
    r"|you may (?:select|choose|elect)|one of the (?:above|following) ?-?(?:listed )?licen[sc]es"
)
_TAG = re.compile(r"SPDX-License-Identifier:\s*([^\n*]+?)\s*(?:\*/|-->|$)", re.MULTILINE)
_MARKS = re.compile(r"(?:^|\n)[ \t]*(?://+!?|/?\*+/?|#+|;+|--+|dnl\b|%+)[ \t]?|[\"'`]{3}|\*/")
_SQUEEZE = re.compile(r"[\s\"'\u2018\u2019\u201c\u201d_*]+")


def of_licence_file(text: str) -> str:
    """What a file like LICENSE or COPYING is about: what it says first; "" where that is not known.

    Of a file that says more, like a package's list of what it bundles, only the first counts.
    """
    found = _found(_plain(text))
    if not found:
        return ""
    first = found[0][1]
    # Python's tells of the GPL, which it is not, before it comes to its terms.
    if any(name == "PSF-2.0" for _, name in found):
        return "PSF-2.0"
    near = {name for at, name in found if at < found[0][0] + 3_000}
    if first == "BSD-2-Clause":
        first = next((one for one in ("BSD-4-Clause", "BSD-3-Clause") if one in near), first)
    return first


def mentions_restricted(text: str) -> bool:
    """Whether any licence is told that asks for more than a notice."""
    return any(name in _RESTRICTED for _, name in _found(_plain(text)))


def of_notice(text: str) -> str:
    """What the top of a source file says of its licence; "" where it says nothing."""
    head = text[:_HEAD]
    tag = _TAG.search(head)
    if tag:
        return tag[1]
    plain = _plain(head)
    found = {name for _, name in _found(plain)}
    restricted, granted = sorted(found & _RESTRICTED), _granted(found - _RESTRICTED)
    if restricted and granted and _CHOICE.search(plain):
        return " OR ".join([*granted, *restricted])
    return joined(*(restricted or granted))


def _granted(found: set[str]) -> list[str]:
    """The permissive ones, without those whose words are part of another's."""
    names = set(found)
    if names & {"MIT", "NCSA"} and "BSD-2-Clause" not in names:
        names -= {"BSD-3-Clause"}  # They, too, keep people's names to themselves.
    if "BSD-4-Clause" in names:
        names -= {"BSD-3-Clause"}
    if names & {"BSD-3-Clause", "BSD-4-Clause"}:
        names -= {"BSD-2-Clause"}
    return sorted(names)


def _found(plain: str) -> list[tuple[int, str]]:
    """Which licences are told by their words, and where, first come first."""
    return sorted(
        (one.start(), name)
        for name, words, form in _FORMS
        if any(word in plain for word in words) and (one := form.search(plain))
    )


def _plain(text: str) -> str:
    """Small letters, single spaces, no marks of comments."""
    return _SQUEEZE.sub(" ", _MARKS.sub(" ", text)).lower()
