"""Bytes to text, and text to a language."""

from __future__ import annotations

import codecs

import pytest

from polylsp.corpus.files.language import TWELVE, by_content, by_name
from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.files.text import decode


def decoded(content: bytes) -> tuple[str, tuple[str, ...]] | None:
    found = decode(SourceFile("folder:a", "", "a.py", len(content), "python", content=content))
    return (found.text, found.changes) if found else None


@pytest.mark.parametrize(
    ("content", "text", "changes"),
    [
        ("é = 1\n".encode(), "é = 1\n", ()),
        (b"a\r\nb\rc\n", "a\nb\nc\n", ("line ends",)),
        (codecs.BOM_UTF8 + b"a\n", "a\n", ("encoding",)),
        ("a é\n".encode("utf-16"), "a é\n", ("encoding",)),
        (b"caf\xe9 \x93x\x94\n", "café “x”\n", ("encoding",)),
    ],
)
def test_text_is_unicode_with_line_feeds(
    content: bytes, text: str, changes: tuple[str, ...]
) -> None:
    assert decoded(content) == (text, changes)


@pytest.mark.parametrize("content", [b"\x7fELF\x00\x01", b"\x81\x8d", bytes(range(1, 30)) * 3])
def test_data_is_no_text(content: bytes) -> None:
    assert decoded(content) is None


def test_there_are_twelve_languages() -> None:
    assert len(TWELVE) == 12


@pytest.mark.parametrize(
    ("path", "start", "language"),
    [
        ("src/a.tsx", b"", "typescript"),
        ("bin/tool", b"#!/usr/bin/env python3\n", "python"),
        ("bin/tool", b"#!/usr/bin/ruby\n", "ruby"),
        ("bin/tool", b"#!/bin/sh\n", ""),
        ("a.md", b"#!/usr/bin/env python3\n", ""),
        ("Rakefile", b"", "ruby"),
    ],
)
def test_a_name_promises_a_language(path: str, start: bytes, language: str) -> None:
    assert by_name(path, start) == language


@pytest.mark.parametrize(
    ("path", "promised", "text", "language"),
    [
        ("a.h", "c", "namespace a {\nclass B {};\n}\n", "cpp"),
        ("a.h", "c", "int f(void);\n", "c"),
        ("a.h", "c", "@interface A : NSObject\n@end\n", ""),
        ("a.inc", "php", "%macro X 1\n", ""),
        ("a.inc", "php", "<?php\n$a = 1;\n", "php"),
        ("a.ts", "typescript", '<?xml version="1.0"?>\n<TS>\n', ""),
    ],
)
def test_what_a_file_says_counts_for_more(
    path: str, promised: str, text: str, language: str
) -> None:
    assert by_content(path, promised, text) == language
