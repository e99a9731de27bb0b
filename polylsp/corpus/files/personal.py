"""Secrets and personal data within a text, and the text without them.

What is secret is known to the room that reads workspaces; here are addresses of people and of their machines.
Names of authors stay: licences ask for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from polylsp.corpus.files.source import SourceFile
from polylsp.workspace.redact import secrets

SECRET, EMAIL, ADDRESS = "REDACTED", "name@example.com", "192.0.2.1"
_HOST = re.compile(r"@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")
_LOCAL = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}\Z")  # What stands before the "@".
# RFC 2606 sets these aside for examples; what ends so is a file, no host.
_NOBODY = re.compile(
    r"(?i)@(?:.*\.)?(?:example\.(?:com|org|net)|example|test|invalid|localhost|local)$"
    r"|^(?:git|noreply|no-reply)@|\.(?:png|jpe?g|gif|svg|js|ts|css|py|rb|go|rs|java|h|c|cc|cpp|php)$"
)
_AT = re.compile(r"(?i)[(\[<]at[)\]>]|\s_at_\s")
_OBFUSCATED = re.compile(
    r"(?i)\b[\w.+-]{2,40}\s?(?:\(at\)|\[at\]|<at>|\s_at_\s)\s?[\w-]{2,40}"
    r"(?:(?:\.|\s?(?:\(dot\)|\[dot\]|<dot>)\s?)[\w-]{2,20}){1,3}\b"
)
_IPV4 = re.compile(r"(?<![\w.:/-])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w.-])")


def redact(file: SourceFile) -> SourceFile:
    """`file` without secrets, addresses of people and public addresses of machines."""
    found = sorted((start, end, what) for start, end, what in _finds(file.text))
    if not found:
        return file
    pieces, at, changes = [], 0, []
    for start, end, what in found:
        if start >= at:  # Finds may overlap; the first goes.
            pieces += [file.text[at:start], _STANDS_FOR[what]]
            changes.append(what)
            at = end
        else:
            at = max(at, end)
    return file.changed("".join([*pieces, file.text[at:]]), *changes)


_STANDS_FOR = {"secret": SECRET, "email": EMAIL, "address": ADDRESS}


def _finds(text: str) -> Iterator[tuple[int, int, str]]:
    yield from ((start, end, "secret") for start, end in secrets(text))
    yield from ((*span, "email") for span in _emails(text))
    if _AT.search(text):
        yield from ((*one.span(), "email") for one in _OBFUSCATED.finditer(text))
    for one in _IPV4.finditer(text):
        if _is_public(*map(int, one.groups())):
            yield (*one.span(), "address")


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for host in _HOST.finditer(text):
        local = _LOCAL.search(text, max(0, host.start() - 64), host.start())
        if local and not _NOBODY.search(text[local.start() : host.end()]):
            yield local.start(), host.end()


def _is_public(first: int, second: int, third: int, fourth: int) -> bool:
    """Whether it can be somebody's: no version number, no private or reserved block (RFC 6890)."""
    if max(first, second, third, fourth) > 255 or first in (0, 10, 127) or first >= 224:
        return False
    if fourth in (0, 255) or max(second, third, fourth) < 10:
        return False
    private = (first == 172 and 16 <= second < 32) or (first, second) in ((192, 168), (169, 254))
    documentation = (first, second, third) in ((192, 0, 2), (198, 51, 100), (203, 0, 113))
    shared = first == 100 and 64 <= second < 128
    return not (private or documentation or shared)
