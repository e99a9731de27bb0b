"""A file's text as it is remembered, or nothing where a program wrote it or nobody could read it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from polylsp.workspace.walk import MOST_BYTES

_HEAD = 1_500  # Characters in which a generated file says so.
_GENERATED = re.compile(
    r"(?i)@generated\b|<auto-?generated|\bdo not (?:edit|modify)\b"
    r"|\b(?:auto-?|automatically )generated\b|^\W*(?:code |file )?generated (?:by|from)\b",
    re.MULTILINE,
)
_LINE = 200  # Characters of an average line that nobody types.
_SHORT = 2_000  # So short a file is not called minified.
_REPLACED = (
    100  # One character in so many may be unreadable: an old encoding, in comments and names.
)


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds."""

    digest: str
    size: int
    text: str  # "" where it is not worth remembering.


def read(file: Path) -> Read:
    """A file's content. Raises OSError where it cannot be read, or is too long by now."""
    # Whatever a name leads to by now, opening it must not wait.
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{file} is no regular file")
        data = opened.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(f"{file} is longer than {MOST_BYTES} bytes")
    return Read(hashlib.blake2b(data, digest_size=16).hexdigest(), len(data), _text(data))


_BINARY = getattr(os, "O_BINARY", 0)


def _text(data: bytes) -> str:
    if b"\0" in data:
        return ""
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\ufffd") * _REPLACED > len(text):
        return ""
    minified = len(text) > _SHORT and len(text) > _LINE * (text.count("\n") + 1)
    return "" if minified or _GENERATED.search(text, 0, _HEAD) else text
