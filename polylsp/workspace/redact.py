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
    for hint, form in _FORMS:
        if hint in text:
            yield from (found.span() for found in form.finditer(text))
    if _BEGIN in text and _KEY in text:
        for found in _KEY_BLOCK.finditer(text):
            if _KEY_BODY.search(text, found.start(), found.end()):
                yield found.span()
    for found in _GIVEN.finditer(_small(text)):
        start, end = found.span("literal")
        if _is_password(text[start:end]):
            yield start, end
    for found in _QUOTED.finditer(text):
        if _is_random(found["literal"]):
            yield found.span("literal")


# What a text must hold for a form to be looked for, and the form.
_FORMS = tuple(
    (hint, re.compile(form))
    for hint, form in (
        ("AKIA", r"AKIA[A-Z0-9]{16}"),
        ("ASIA", r"ASIA[A-Z0-9]{16}"),
        ("ABIA", r"ABIA[A-Z0-9]{16}"),
        ("ACCA", r"ACCA[A-Z0-9]{16}"),
        ("gh", r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
        ("github_pat_", r"\bgithub_pat_\w{22,}"),
        ("gl", r"\bgl[a-z]{2,5}-[\w.-]{20,}"),
        ("xox", r"\bxox[a-z](?:-\d)?-[\w-]{10,}"),
        ("xapp-", r"\bxapp-\d-[\w-]{10,}"),
        ("hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/[\w/+-]{20,}"),
        ("discord", r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}"),
        ("_live_", r"\b[rsp]k_live_[A-Za-z0-9]{10,}"),
        ("_test_", r"\b[rsp]k_test_[A-Za-z0-9]{10,}"),
        ("whsec_", r"\bwhsec_[\w+/=-]{16,}"),
        ("AIza", r"AIza[\w-]{35}"),
        ("GOCSPX-", r"GOCSPX-[\w-]{20,}"),
        ("ya29.", r"\bya29\.[\w-]{20,}"),
        ("eyJ", r"\beyJ[\w-]{10,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{30,}"),
        ("pypi-", r"\bpypi-[\w-]{40,}"),
        ("sk-", r"\bsk-(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{20,}"),
        ("hf_", r"\bhf_[A-Za-z0-9]{30,}"),
        ("SG.", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
        ("SK", r"\bSK[0-9a-f]{32}\b"),
        ("key-", r"\bkey-[0-9a-f]{32}\b"),
        ("_v1_", r"\bdo[opr]_v1_[0-9a-f]{64}"),
        ("shp", r"\bshp[a-z]{2}_[0-9a-fA-F]{32}"),
        ("dckr_", r"\bdckr_[a-z]{3}_[\w-]{20,}"),
        ("sq0", r"\bsq0[a-z]{3}-[\w-]{20,}"),
        ("lin_api_", r"\blin_api_\w{30,}"),
        ("hv", r"\bhv[sbr]\.[\w-]{20,}"),
        ("AGE-SECRET", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
        ("AccountKey=", r"(?<=AccountKey=)[\w+/=-]{30,}"),
        ("SharedAccessKey=", r"(?<=SharedAccessKey=)[\w+/=-]{30,}"),
        (":AA", r"\b\d{8,10}:AA[\w-]{32,34}"),
        ("earer ", r"(?<=earer )(?=[\w.~+/=-]*\d)[\w.~+/=-]{20,}"),
        ("asic ", r"(?<=asic )(?=[A-Za-z+/]*[\dA-Z])(?=[\w+/]*[a-z])[\w+/]{16,}={0,2}"),
        # A password in an address; not where something else is put in later.
        ("://", r"(?<=://)[^\s:/@\"'`{}$<>%()]{0,80}:[^\s/@\"'`{}$<>%()]{6,200}(?=@)"),
    )
)
_BEGIN, _KEY = "-----BEGIN", "PRIVATE KEY"
_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[\s\S]{0,20000}?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|(?:[^\n]{0,200}\n){0,200}?(?=\s*\n|\Z))"
)
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]{24,}")

_SECRETIVE = (
    r"passw(?:or)?d|passphrase|\bpwd|_pwd|secret|token|credential|api_?-?key|access_?-?key"
    r"|auth_?-?key|private_?-?key|signing_?-?key|encryption_?-?key|master_?-?key|client_?-?key"
)
# A name, perhaps quoted, perhaps with a type, then a literal.
_GIVEN = re.compile(
    rf"(?:{_SECRETIVE})[\w-]{{0,30}}[\"'`]?\]?"
    r"(?:\s*:\s*[\w.\[\]&'? |]{1,40}|\s+(?:string|String|str))?"
    r"\s*(?:=>|:=|={1,3}|!==?|:|\()\s*(?:[bBrRuUfF@$L]{1,2}|u8)?([\"'`])(?P<literal>[^\"'`\s]{6,400})\1",
)
_QUOTED = re.compile(r"([\"'`])(?P<literal>[A-Za-z0-9+/=_-]{32,2000})\1")
_HEXADECIMAL = re.compile(r"(?i)(?:0x)?[0-9a-f]+")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|.")


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
