"""Bytes of a file → text with line feeds alone: what a model is to see."""

from __future__ import annotations

import codecs
import re

from polylsp.corpus.files.source import SourceFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Text has tabs, line ends and form feeds; anything else down there is data.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_MOST_CONTROL = 4  # An escape sequence or two may stand in a string.


def decode(file: SourceFile) -> SourceFile | None:
    """`file` as text, or None where it is none that anybody wrote."""
    encoding = next((name for mark, name in _MARKS if file.content.startswith(mark)), "utf-8")
    changes = [] if encoding == "utf-8" else ["encoding"]
    try:
        text = file.content.decode(encoding)
    except UnicodeDecodeError:
        # Older files are Latin-1, or what Windows makes of it; all else has marks of its own.
        text = file.content.decode("cp1252", "replace")
        changes = ["encoding"]
        if "\ufffd" in text:
            return None
    if "\0" in text or len(_CONTROL.findall(text)) > _MOST_CONTROL:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if lines != text:
        changes.append("line ends")
    return file.changed(lines, *changes)
