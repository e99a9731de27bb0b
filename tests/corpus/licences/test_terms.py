"""What a package declares, what a file says itself, and who is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.licences.gate import licensed
from polylsp.corpus.licences.notices import of_licence_file, of_notice
from polylsp.corpus.licences.terms import terms
from tests.corpus.planted import GPL, MIT

APACHE = "Apache License\nVersion 2.0, January 2004"
BSD = (
    "Redistribution and use in source and binary forms, with or without modification, are permitted"
)
DEBIAN = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
License: Expat

Files: lib/gpl/* tools/*.c
License: GPL-2+

Files: lib/own.c
License: our-own
 Permission to use, copy, modify, and/or distribute this software for any purpose
 with or without fee is hereby granted.
"""


def declared(root: Path, files: dict[str, str], path: str) -> str:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return terms(root, files).of(path)


@pytest.mark.parametrize(
    ("files", "path", "licence"),
    [
        ({"LICENSE": MIT}, "src/a.c", "MIT"),
        ({"LICENSE": MIT, "src/b/COPYING": GPL}, "src/b/a.c", "GPL-2.0"),
        ({"LICENSE": MIT, "src/b/COPYING": GPL}, "src/a.c", "MIT"),
        ({"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}, "a.rs", "Apache-2.0 OR MIT"),
        ({"LICENSE": MIT, "LICENSE-THIRD-PARTY": GPL}, "a.rs", "MIT"),
        ({"package/package.json": '{"license": "ISC"}'}, "package/a.js", "ISC"),
        ({"package.json": '{"license": "MIT"}', "LICENSE": GPL}, "a.js", "GPL-2.0 AND MIT"),
        (
            {"a-1.dist-info/METADATA": "License-Expression: MIT OR Apache-2.0\n\n"},
            "a/b.py",
            "MIT OR Apache-2.0",
        ),
        (
            {"a-1.dist-info/METADATA": "Classifier: License :: OSI Approved :: BSD License\n\n"},
            "a/b.py",
            "BSD-3-Clause",
        ),
        ({"Cargo.toml": '[package]\nlicense = "MIT/Apache-2.0"\n'}, "src/a.rs", "MIT/Apache-2.0"),
        ({"a.gemspec": "  s.license = 'MIT'\n"}, "lib/a.rb", "MIT"),
        ({"debian/copyright": DEBIAN}, "a-1.0/src/a.c", "Expat"),
        ({"debian/copyright": DEBIAN}, "a-1.0/lib/gpl/b/a.c", "GPL-2+"),
        ({"debian/copyright": DEBIAN}, "a-1.0/tools/x.c", "GPL-2+"),
        ({"debian/copyright": DEBIAN}, "a-1.0/lib/own.c", "ISC"),
        ({"debian/copyright": f"All of it:\n{MIT}"}, "a-1.0/a.c", "MIT"),
        ({"debian/copyright": f"Some:\n{MIT}\nSome:\n{GPL}"}, "a-1.0/a.c", ""),
        ({"readme": "free for all"}, "a.c", ""),
    ],
)
def test_a_package_declares_its_licence(
    tmp_path: Path, files: dict[str, str], path: str, licence: str
) -> None:
    assert declared(tmp_path, files, path) == licence


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("// SPDX-License-Identifier: MIT\n", "MIT"),
        ("/* SPDX-License-Identifier: GPL-2.0-only OR MIT */\n", "GPL-2.0-only OR MIT"),
        (GPL, "GPL-2.0"),
        (f"/*\n * {MIT.replace(chr(10), chr(10) + ' * ')}\n */", "MIT"),
        (f"{MIT}\nAlternatively, under the GNU General Public License.", "MIT OR GPL-2.0"),
        (
            "# under a BSD-style license and the GPLv2. You may select one.",
            "BSD-3-Clause OR GPL-2.0",
        ),
        (f"{BSD}.\nNeither the name of the author", "BSD-3-Clause"),
        (BSD, "BSD-2-Clause"),
        (f"{BSD}\nAll advertising materials mentioning\nNeither the name of", "BSD-4-Clause"),
        ("import os\n", ""),
    ],
)
def test_a_notice_tells_its_licence(text: str, licence: str) -> None:
    assert of_notice(text) == licence


def test_a_licence_file_is_what_it_begins_with() -> None:
    assert of_licence_file(f"{BSD}\nNeither the name of X") == "BSD-3-Clause"
    assert of_licence_file(f"{MIT}{'.' * 4000}\nBundled: GNU General Public License") == "MIT"
    history = "GPL-compatible doesn't mean under the GPL. Python Software Foundation License"
    assert of_licence_file(history) == "PSF-2.0"
    assert of_licence_file("ask us") == ""


@pytest.mark.parametrize(
    ("notice", "package", "licence", "kept"),
    [
        ("", "MIT", "MIT", True),
        (GPL, "MIT", "GPL-2.0", False),
        (MIT, "GPL-2+", "GPL-2.0", False),
        (MIT, "their-own-name", "MIT", True),
        ("", "their-own-name", "their-own-name", False),
        ("", "", "", False),
        ("// SPDX-License-Identifier: Apache-2.0\n", "MIT", "Apache-2.0", True),
    ],
)
def test_whoever_grants_less_is_believed(
    notice: str, package: str, licence: str, kept: bool
) -> None:
    file = SourceFile("folder:a", "", "a.c", 1, "c", declared=package, text=f"{notice}int a;\n")
    found = licensed(file)
    assert (found.licence, found.kept) == (licence, kept)
