"""The steps that a file goes through, in order. Each is a function of the file alone, so any machine may run it.

A step gives the file back, perhaps changed, or None: then the file is dropped, and the step's name says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from polylsp.corpus.files import personal, quality, text
from polylsp.corpus.files.language import by_content
from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.licences import gate
from polylsp.corpus.reading import ENOUGH

Step: TypeAlias = Callable[[SourceFile], "SourceFile | None"]


def _unless(rule: Callable[[SourceFile], bool]) -> Step:
    return lambda file: None if rule(file) else file


def _content(file: SourceFile) -> SourceFile | None:
    """The language again, now that there is text to tell it by."""
    found = by_content(file.path, file.language, file.text)
    return replace(file, language=found) if found else None


# What each drops is called so in reports and manifests. Cheap ones come first.
ALONE: dict[str, Step] = {
    "language": _unless(lambda file: not file.language),
    "vendored or built": _unless(quality.misplaced),
    "size": _unless(quality.odd_size),
    "encoding": text.decode,
    "content": _content,
    "few words": _unless(quality.few_words),
    "generated": _unless(quality.generated),
    "minified": _unless(quality.minified),
    "line length": _unless(quality.long_lines),
    "alphanumeric": _unless(quality.few_letters),
    "encoded data": _unless(quality.encoded),
    "licence": gate.licensed,
}
BENCHMARK, HELD_OUT = "benchmark", "held out"
EXACT, NEAR = "exact duplicate", "near duplicate"
# All that drop files, as they are reported.
STEPS = ("language", ENOUGH, *list(ALONE)[1:], BENCHMARK, HELD_OUT, EXACT, NEAR)


def redacted(file: SourceFile) -> SourceFile:
    """`file` without secrets and personal data; from here on its hash is that of the text that stays."""
    clean = personal.redact(file)
    return replace(clean, sha256=hash_of(clean.text))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
