"""Names of licences, and expressions of them."""

from __future__ import annotations

import pytest

from polylsp.corpus.licences.names import canonical, joined, permissive, restricted, spdx


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Expat", "MIT"),
        ("MIT License", "MIT"),
        ("BSD License", "BSD-3-Clause"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Apache-2.0 with LLVM-exception", "Apache-2.0"),
        ("ISC License (ISCL)", "ISC"),
        ("GPL-2+", "GPL-2.0"),
        ("Something Else", "Something Else"),
    ],
)
def test_a_licence_has_one_name(name: str, identifier: str) -> None:
    assert spdx(name) == identifier


@pytest.mark.parametrize(
    ("expression", "grants"),
    [
        ("MIT", True),
        ("MIT OR GPL-2.0-only", True),
        ("GPL-2+ or Expat", True),
        ("MIT AND GPL-3.0-or-later", False),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", True),
        ("(MIT OR Apache-2.0) AND LGPL-2.1", False),
        ("MIT/Apache-2.0", True),
        ("BSD-3-clause and Expat or GPL-2", True),
        ("GPL-2+ with OpenSSL exception", False),
        ("Custom", False),
        ("", False),
        ("()", False),
        ("MIT AND", False),
    ],
)
def test_of_alternatives_one_must_be_permissive_of_several_all(
    expression: str, grants: bool
) -> None:
    assert permissive(expression) == grants


@pytest.mark.parametrize(
    ("said", "canonical_"),
    [
        ("Expat", "MIT"),
        ("GPL-2+ or Expat", "GPL-2.0 OR MIT"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT or Apache 2.0) and BSD-3-clause", "(MIT OR Apache-2.0) AND BSD-3-Clause"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Something Else", "Something Else"),
        ("", ""),
    ],
)
def test_what_was_written_many_ways_is_written_in_one(said: str, canonical_: str) -> None:
    assert canonical(said) == canonical_


def test_what_is_not_known_is_not_restricted() -> None:
    assert restricted("LGPL-2.1+")
    assert not restricted("Custom")
    assert not restricted("MIT OR GPL-2.0")


def test_what_must_hold_at_once_is_said_once() -> None:
    assert joined("MIT", "", "MIT") == "MIT"
    assert joined("MIT OR Apache-2.0", "ISC") == "(MIT OR Apache-2.0) AND ISC"
