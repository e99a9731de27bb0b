"""Secrets within source: found by their form, or by the name they are given to, and never remembered.

A text is broken where one stood, so nothing of it is in a token. It is better to lose a hash in a test than to
keep a key; but ordinary code must stay. The forms are those that their issuers document.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator


def secrets(text: str) -> Iterator[tuple[int, int]]:
    """Where secrets start and end, in no order; some may overlap."""
    for start, form in _FORMS:
        if start in text:
            yield from (found.span(form.groups) for found in form.finditer(text))
    if _BEGIN in text and _KEY in text:
        for found in _KEY_BLOCK.finditer(text):
            if _KEY_BODY.search(text, found.start(), found.end()):
                yield found.span()
    yield from _given(text)
    for found in _QUOTED.finditer(text):
        if _is_random(found["literal"]):
            yield found.span("literal")


_MODES = ("_live_", "_test_")


def _form(start: str, rest: str) -> tuple[str, re.Pattern[str]]:
    # What begins with plain letters is searched for fast; that none stands before them is looked at then.
    plain = re.escape(start)
    return start, re.compile(rf"{plain}(?<![A-Za-z0-9]{plain}){rest}")


# No form may look far ahead from every place of a text that was made to have it do so: counts are bounded.
# How it starts, and what follows; where a part is in parentheses only that is secret.
_FORMS = tuple(
    _form(start, rest)
    for start, rest in (
        ("AKIA", r"[A-Z0-9]{16}"),
        ("ASIA", r"[A-Z0-9]{16}"),
        ("ABIA", r"[A-Z0-9]{16}"),
        ("ACCA", r"[A-Z0-9]{16}"),
        ("gh", r"[pousr]_[A-Za-z0-9]{30,}"),
        ("github_pat_", r"\w{22,}"),
        ("gl", r"[a-z]{2,5}-[\w.-]{20,}"),
        ("xox", r"[a-z](?:-\d)?-[\w-]{10,}"),
        ("xapp-", r"\d-[\w-]{10,}"),
        ("hooks.slack.com/", r"(?:services|workflows)/[\w/+-]{20,}"),
        ("/api/webhooks/", r"\d+/[\w-]{20,}"),
        *((kind + mode, r"[A-Za-z0-9]{10,}") for kind in ("sk", "rk", "pk") for mode in _MODES),
        ("whsec_", r"[\w+/=-]{16,}"),
        ("AIza", r"[\w-]{35}"),
        ("GOCSPX-", r"[\w-]{20,}"),
        ("ya29.", r"[\w-]{20,}"),
        ("eyJ", r"[\w-]{10,3000}\.eyJ[\w-]{8,}(?:\.[\w-]*)?"),
        ("npm_", r"[A-Za-z0-9]{30,}"),
        ("pypi-", r"[\w-]{40,}"),
        ("sk-", r"(?=[\w-]{0,200}\d)(?=[\w-]{0,200}[A-Z])[\w-]{20,}"),
        ("hf_", r"[A-Za-z0-9]{30,}"),
        ("SG.", r"[\w-]{16,}\.[\w-]{16,}"),
        ("SK", r"[0-9a-f]{32}\b"),
        ("key-", r"[0-9a-f]{32}\b"),
        *((f"do{kind}_v1_", r"[0-9a-f]{64}") for kind in "opr"),
        ("shp", r"[a-z]{2}_[0-9a-fA-F]{32}"),
        ("dckr_", r"[a-z]{3}_[\w-]{20,}"),
        ("sq0", r"[a-z]{3}-[\w-]{20,}"),
        ("lin_api_", r"\w{30,}"),
        ("hv", r"[sbr]\.[\w-]{20,}"),
        ("AGE-SECRET-KEY-1", r"[0-9A-Z]{50,}"),
        ("AccountKey=", r"([\w+/=-]{30,})"),
        ("SharedAccessKey=", r"([\w+/=-]{30,})"),
        ("Bearer ", r"((?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{20,})"),
        ("Basic ", r"((?=[a-z+/]{0,200}[\dA-Z])(?=[A-Z\d+/]{0,200}[a-z])[\w+/]{16,}={0,2})"),
    )
) + tuple(
    (start, re.compile(form))
    for start, form in (
        (":AA", r":AA(?<=\d{8}:AA)[\w-]{32,34}"),
        # A password in an address; not where something else is put in later.
        ("://", r"://([^\s:/@\"'`{}$<>%()]{0,80}:[^\s/@\"'`{}$<>%()]{6,200})@"),
    )
)
_BEGIN, _KEY = "-----BEGIN", "PRIVATE KEY"
# To its end, or where there is none as far as it goes on.
_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----BEGIN)[\s\S]){0,12000}?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"|[^\n]*\n(?:[^\n]*[A-Za-z0-9+/=]{16}[^\n]*(?:\n|\Z))*)"
)
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]{24,}")

# What names of secrets have in them, in small letters; a key must be one to something.
_STEMS = ("passw", "passphrase", "pwd", "secret", "token", "credential", "key")
_TO = re.compile(r"(?:api|access|auth|private|signing|encryption|master|client)[_-]?\Z")
# The rest of a name, perhaps quoted, perhaps with a type, then a literal.
_GIVEN = re.compile(
    r"[\w-]{0,30}[\"'`]?\]?"
    r"(?:\s*:\s*[\w.\[\]&'? |]{1,40}|\s+(?:string|str))?"
    r"\s*(?:=>|:=|={1,3}|!==?|:|\()\s*(?:[bruf@$l]{1,2}|u8)?([\"'`])(?P<literal>[^\"'`\s]{6,400})\1",
)
_QUOTED = re.compile(r"([\"'`])(?P<literal>[A-Za-z0-9+/=_-]{32,2000})\1")
_HEXADECIMAL = re.compile(r"(?i)(?:0x)?[0-9a-f]+")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|.")


def _given(text: str) -> Iterator[tuple[int, int]]:
    """What secretive names are given."""
    small = _small(text)
    for stem in _STEMS:
        at = small.find(stem)
        while at >= 0:
            end = at + len(stem)
            named = stem != "key" or _TO.search(small, max(0, at - 12), at)
            found = _GIVEN.match(small, end) if named else None
            if found and _is_password(text[slice(*found.span("literal"))]):
                yield found.span("literal")
            at = small.find(stem, end)


def _small(text: str) -> str:
    """`text` in small letters, each where it was: a few become two."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(one.lower() if one.isascii() else one for one in text)


def _is_password(literal: str) -> bool:
    """Whether what a secretive name is given looks like a value, not like another name."""
    if literal[0] in "{$<%" or "${" in literal or "#{" in literal or "://" in literal:
        return False
    letters = any(map(str.isalpha, literal))
    digits = any(map(str.isdigit, literal))
    marks = sum(not one.isalnum() and one not in "_-. /:[]()" for one in literal)
    if len(literal) < 16:
        return letters and (digits or marks > 1)
    return letters and (digits or marks > 3) and _entropy(literal) > 2.8


def _is_random(literal: str) -> bool:
    """Whether a literal looks drawn by chance: no words in it, many different characters."""
    if _HEXADECIMAL.fullmatch(literal):
        return not literal.isdigit() and _entropy(literal) > 3
    digits = any(map(str.isdigit, literal))
    capitals = literal != literal.lower()
    if not (digits and capitals and literal != literal.upper()) or _entropy(literal) < 3.8:
        return False
    return len(_WORDS.findall(literal)) * 3 > len(literal)


def _entropy(literal: str) -> float:
    """Bits a character (Shannon 1948), by how often each occurs in it."""
    size = len(literal)
    return -sum(n / size * math.log2(n / size) for n in Counter(literal).values())
