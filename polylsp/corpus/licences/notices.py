"""Licences recognised by their own words: in a licence file, or in the notice at a file's top."""

from __future__ import annotations

import re

from polylsp.corpus.licences.names import joined

_HEAD = 5_000  # Characters that a notice stands in.

# A licence, plain words of which one is there if it is meant at all, and what is said by it alone: in small
# letters with single spaces, as `_plain` makes them.
_PERMISSIVE = (
    (
        "MIT",
        ("free of charge", "mit "),
        r"permission is hereby granted,? free of charge,? to any person obtaining a copy"
        r"|(?:under|subject to) (?:an |the )?(?:terms of the )?mit\b|mit[- ](?:style )?licen[sc]e"
        r"|licen[sc]e:? mit\b",
    ),
    (
        "Apache-2.0",
        ("apache",),
        r"apache licen[sc]e,? (?:version 2\.0|v(?:ersion )?2)|apache\.org/licenses/license-2\.0"
        r"|licensed under (?:the )?apache",
    ),
    ("BSD-4-Clause", ("all advertising",), r"all advertising materials mentioning"),
    (
        "BSD-3-Clause",
        ("neither the name", "endorse or promote", "bsd"),
        r"neither the names? of|may not be used to endorse or promote products derived"
        r"|(?:under|governed by) (?:the |a )?(?:3-clause |new |modified )?bsd\b|bsd[- ]style licen[sc]e",
    ),
    (
        "BSD-2-Clause",
        ("redistribution and use",),
        r"redistribution and use in source and binary forms,? with or without modification",
    ),
    (
        "ISC",
        ("without fee", "isc licen"),
        r"permission to use, copy, modify,? (?:and/or|and|or) distribute this software for any purpose"
        r" with or without fee|isc licen[sc]e",
    ),
    ("Zlib", ("plainly marked",), r"altered source versions must be plainly marked as such"),
    ("libpng-2.0", ("png.h",), r"see copyright notice in png\.h|disclaimer and license in png\.h"),
    ("BSL-1.0", ("boost",), r"boost software licen[sc]e|boost\.org/license"),
    (
        "Unlicense",
        ("unencumbered", "unlicense"),
        r"this is free and unencumbered software released into the public domain|unlicense\.org",
    ),
    ("CC0-1.0", ("cc0", "publicdomain"), r"\bcc0\b|creativecommons\.org/publicdomain/zero"),
    ("blessing", ("disclaims",), r"the author disclaims copyright to this source code"),
    (
        "public-domain",
        ("public domain",),
        r"(?:placed|released|put|dedicated|is) (?:in|into|to) the public domain",
    ),
    (
        "PSF-2.0",
        ("python software", "psf"),
        r"python software foundation licen[sc]e|psf licen[sc]e agreement",
    ),
    (
        "PostgreSQL",
        ("postgresql global", "without a written"),
        r"software and its documentation for any purpose,? without fee,? and without a written"
        r"|portions copyright \(c\) [\d, -]+ postgresql global development group",
    ),
    ("NCSA", ("ncsa",), r"university of illinois/ncsa|ncsa open source licen[sc]e"),
    ("OpenSSL", ("openssl licen",), r"openssl licen[sc]e"),
    ("curl", ("docs/copyright",), r"curl\.(?:haxx\.)?se/docs/copyright"),
    (
        "HPND",
        ("hereby granted",),
        r"permission to use, copy, modify,?[^.;]{1,120}for any purpose(?! with or)[^.;]{0,80}is hereby granted",
    ),
    (
        "SSH-OpenSSH",
        ("as far as i am",),
        r"as far as i am concerned, the code i have written for this software can be used freely",
    ),
    ("Ruby", ("ruby",), r"under (?:the )?(?:same )?terms (?:of|as) ruby|ruby's licen[sc]e"),
)
_COPYLEFT = (
    ("AGPL-3.0", ("affero", "agpl"), r"affero general public|\bagpl"),
    ("LGPL-2.1", ("general public", "lgpl"), r"(?:lesser|library) general public|\blgpl"),
    (
        "GPL-2.0",
        ("gpl", "public licen"),
        r"gnu general public|(?<!lesser )(?<!library )(?<!affero )general public licen[sc]e"
        r"|\bgplv?[\d ]|\bgpl\b|gnu public licen[sc]e",
    ),
    (
        "MPL-2.0",
        ("mpl", "mozilla"),
        r"mozilla public licen[sc]e|\bmpl[ -]?v?[12]\b|mozilla\.org/mpl",
    ),
    ("EPL-2.0", ("eclipse",), r"eclipse public licen[sc]e|eclipse\.org/legal/epl"),
    (
        "CDDL-1.0",
        ("cddl", "common dev"),
        r"common development and distribution licen[sc]e|\bcddl\b",
    ),
    ("CPL-1.0", ("common public",), r"common public licen[sc]e"),
    ("EUPL-1.2", ("eupl", "european union"), r"european union public licen[sc]e|\beupl\b"),
    ("SSPL-1.0", ("server side",), r"server side public licen[sc]e"),
    ("BUSL-1.1", ("business source",), r"business source licen[sc]e"),
    (
        "CC-BY-SA-4.0",
        ("alike", "creativecommons"),
        r"share ?-?alike|creativecommons\.org/licenses/by",
    ),
    ("MS-PL", ("microsoft", "ms-"), r"microsoft (?:public|reciprocal) licen[sc]e|\bms-[pr]l\b"),
    (
        "Proprietary",
        ("proprietary", "unauthorized", "commercial", "commons", "sleepycat"),
        r"proprietary and confidential|confidential and proprietary|unauthorized copying"
        r"|non-?commercial (?:use )?only|commons clause|sleepycat",
    ),
)
_RESTRICTED = frozenset(name for name, _, _ in _COPYLEFT)
_FORMS = tuple((name, words, re.compile(form)) for name, words, form in _PERMISSIVE + _COPYLEFT)
_CHOICE = re.compile(
    r"alternatively|dual[- ]licen[sc]|\beither licen[sc]e|licen[sc]e of your choice"
)
_TAG = re.compile(r"SPDX-License-Identifier:\s*([^\n*]+?)\s*(?:\*/|-->|$)", re.MULTILINE)
_MARKS = re.compile(r"(?:^|\n)[ \t]*(?://+!?|/?\*+/?|#+|;+|--+|dnl\b|%+)[ \t]?|[\"'`]{3}|\*/")
_SQUEEZE = re.compile(r"[\s\"'“”‘’_*]+")


def of_licence_file(text: str) -> str:
    """What a file like LICENSE or COPYING is about: what it says first; "" where that is not known.

    Of a file that says more, like a package's list of what it bundles, only the first counts.
    """
    found = _found(_plain(text))
    if not found:
        return ""
    first = found[0][1]
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
