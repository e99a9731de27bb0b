"""Secrets and personal data go; what only looks like them stays."""

from __future__ import annotations

import pytest

from polylsp.corpus.files.personal import redact
from polylsp.corpus.files.source import SourceFile
from tests.corpus.planted import KEY


def clean(text: str) -> SourceFile:
    return redact(SourceFile("folder:a", "", "a.py", len(text), "python", text=text))


@pytest.mark.parametrize(
    ("text", "after", "change"),
    [
        (f'key = "{KEY}"', 'key = "REDACTED"', "secret"),
        ('password = "hunter2!x"', 'password = "REDACTED"', "secret"),
        ("# Jane Roe <jane.roe@corp-mail.com>", "# Jane Roe <name@example.com>", "email"),
        ("# jane at corp: jane (at) corp (dot) com", "# jane at corp: name@example.com", "email"),
        ('host = "93.184.216.34"', 'host = "192.0.2.1"', "address"),
    ],
)
def test_what_gives_somebody_away_is_replaced(text: str, after: str, change: str) -> None:
    assert clean(text).text == after
    assert clean(text).changes == (change,)
    assert clean(after).text == after, "once is enough"


@pytest.mark.parametrize(
    "text",
    [
        "@app.route('/a')",
        "git@github.com:a/b.git",
        "nobody@example.com",
        "image@2x.png",
        "host = '127.0.0.1'; other = '192.168.1.20'; mask = '255.255.255.0'",
        "version = '1.2.3.4'",
        "// Copyright (c) 2011 Jane Roe",
        "a.b@c",
    ],
)
def test_what_gives_nobody_away_stays(text: str) -> None:
    assert clean(text).text == text
    assert clean(text).changes == ()
