"""What licences say, each in words of its own: small letters, single spaces, no marks of comments.

A form is a name, plain words of which one is there if the licence is meant, and patterns of which one says so.
"""

from __future__ import annotations

from typing import TypeAlias

Form: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...]]

PERMISSIVE: tuple[Form, ...] = (
    (
        "MIT",
        ("free of charge", "mit "),
        (
            r"permission is hereby granted,? free of charge,? to any person obtaining a copy",
            r"(?:under|subject to) (?:an |the )?(?:terms of the )?mit\b",
            r"mit[- ](?:style )?licen[sc]e",
            r"licen[sc]e:? mit\b",
        ),
    ),
    (
        "Apache-2.0",
        ("apache",),
        (
            r"apache licen[sc]e,? (?:version 2\.0|v(?:ersion )?2)",
            r"apache\.org/licenses/license-2\.0",
            r"licensed under (?:the )?apache",
        ),
    ),
    ("BSD-4-Clause", ("all advertising",), (r"all advertising materials mentioning",)),
    (
        "BSD-3-Clause",
        ("neither the name", "endorse or promote", "bsd"),
        (
            r"neither the names? of",
            r"may not be used to endorse or promote products derived",
            r"(?:under|governed by) (?:the |a )?(?:3-clause |new |modified )?bsd\b",
            r"bsd[- ]style licen[sc]e",
        ),
    ),
    (
        "BSD-2-Clause",
        ("redistribution and use",),
        (r"redistribution and use in source and binary forms,? with or without modification",),
    ),
    (
        "ISC",
        ("without fee", "isc licen"),
        (
            r"to use, copy, modify,? (?:and/or|and|or) distribute this software for any purpose with or",
            r"isc licen[sc]e",
        ),
    ),
    ("Zlib", ("plainly marked",), (r"altered source versions must be plainly marked as such",)),
    (
        "libpng-2.0",
        ("png.h",),
        (r"see copyright notice in png\.h", r"disclaimer and license in png\.h"),
    ),
    ("BSL-1.0", ("boost",), (r"boost software licen[sc]e", r"boost\.org/license")),
    (
        "Unlicense",
        ("unencumbered", "unlicense"),
        (r"this is free and unencumbered software released into the public", r"unlicense\.org"),
    ),
    ("CC0-1.0", ("cc0", "publicdomain"), (r"\bcc0\b", r"creativecommons\.org/publicdomain/zero")),
    ("blessing", ("disclaims",), (r"the author disclaims copyright to this source code",)),
    (
        "public-domain",
        ("public domain",),
        (r"(?:placed|released|put|dedicated|is) (?:in|into|to) the public domain",),
    ),
    (
        "PSF-2.0",
        ("python software", "psf"),
        (r"python software foundation licen[sc]e", r"psf licen[sc]e agreement"),
    ),
    (
        "PostgreSQL",
        ("postgresql global", "without a written"),
        (
            r"software and its documentation for any purpose,? without fee,? and without a written",
            r"portions copyright \(c\) [\d, -]+ postgresql global development group",
        ),
    ),
    ("NCSA", ("ncsa",), (r"university of illinois/ncsa", r"ncsa open source licen[sc]e")),
    ("OpenSSL", ("openssl licen",), (r"openssl licen[sc]e",)),
    ("curl", ("docs/copyright",), (r"curl\.(?:haxx\.)?se/docs/copyright",)),
    (
        "HPND",
        ("hereby granted",),
        (
            r"to use, copy, modify,?[^.;]{1,120}for any purpose(?! with or)[^.;]{0,80}is hereby granted",
        ),
    ),
    (
        "SSH-OpenSSH",
        ("as far as i am",),
        (
            r"as far as i am concerned, the code i have written for this software can be used freely",
        ),
    ),
    (
        "Ruby",
        ("ruby",),
        (r"under (?:the )?(?:same )?terms (?:of|as) ruby", r"ruby's licen[sc]e"),
    ),
)
RESTRICTED: tuple[Form, ...] = (
    ("AGPL-3.0", ("affero", "agpl"), (r"affero general public", r"\bagpl")),
    ("LGPL-2.1", ("general public", "lgpl"), (r"(?:lesser|library) general public", r"\blgpl")),
    (
        "GPL-2.0",
        ("gpl", "public licen"),
        (
            r"gnu general public",
            r"(?<!lesser )(?<!library )(?<!affero )general public licen[sc]e",
            r"\bgplv?\d",
            r"\bgpl\b(?![- ]compatib)",
            r"gnu public licen[sc]e",
        ),
    ),
    (
        "MPL-2.0",
        ("mpl", "mozilla"),
        (r"mozilla public licen[sc]e", r"\bmpl[ -]?v?[12]\b", r"mozilla\.org/mpl"),
    ),
    ("EPL-2.0", ("eclipse",), (r"eclipse public licen[sc]e", r"eclipse\.org/legal/epl")),
    (
        "CDDL-1.0",
        ("cddl", "common dev"),
        (r"common development and distribution licen[sc]e", r"\bcddl\b"),
    ),
    ("CPL-1.0", ("common public",), (r"common public licen[sc]e",)),
    ("EUPL-1.2", ("eupl", "european union"), (r"european union public licen[sc]e", r"\beupl\b")),
    ("SSPL-1.0", ("server side",), (r"server side public licen[sc]e",)),
    ("BUSL-1.1", ("business source",), (r"business source licen[sc]e",)),
    (
        "CC-BY-SA-4.0",
        ("alike", "creativecommons"),
        (r"share ?-?alike", r"creativecommons\.org/licenses/by"),
    ),
    (
        "MS-PL",
        ("microsoft", "ms-"),
        (r"microsoft (?:public|reciprocal) licen[sc]e", r"\bms-[pr]l\b"),
    ),
    (
        "Proprietary",
        ("proprietary", "unauthorized", "commercial", "commons", "sleepycat"),
        (
            r"proprietary and confidential",
            r"confidential and proprietary",
            r"unauthorized copying",
            r"non-?commercial (?:use )?only",
            r"commons clause",
            r"sleepycat",
        ),
    ),
)
