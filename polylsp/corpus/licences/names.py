"""Names of licences as they are met → SPDX identifiers, and which of them let anybody learn from the code.

The list is of permissive licences alone: whoever uses such code owes at most a notice.
"""

from __future__ import annotations

import re
from functools import cache

PERMISSIVE = frozenset(
    (
        *("MIT", "MIT-0", "X11", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "0BSD"),
        *("Apache-2.0", "ISC", "Zlib", "libpng-2.0", "BSL-1.0", "Unlicense", "CC0-1.0"),
        *("PSF-2.0", "PostgreSQL", "curl", "NCSA", "OpenSSL", "HPND", "WTFPL", "TCL", "Ruby"),
        *("BlueOak-1.0.0", "blessing", "Unicode-3.0", "ICU", "PHP-3.01", "public-domain"),
        *("Apache-1.1", "Boehm-GC", "MIT-Modern-Variant", "bzip2-1.0.6", "SSH-OpenSSH", "FTL"),
    )
)
# Forms that people and package managers write, in small letters and without punctuation.
_ALSO = {
    "MIT": "expat|mit license|the mit license|mit expat|mit x11|mit style|mit licence|expat mit|mitlicense",
    "X11": "x11 license|mit x consortium",
    "BSD-2-Clause": "bsd 2 clause|bsd 2|freebsd|bsd 2 clause freebsd|simplified bsd|bsd2|bsd 2 clauses"
    "|bsd 2 clause netbsd|the bsd 2 clause license",
    "BSD-3-Clause": "bsd|bsd license|new bsd|new bsd license|bsd 3 clause|bsd 3|modified bsd|bsd3"
    "|revised bsd|bsd style|bsd like|bsd 3 clauses|the bsd 3 clause license|bsd 3 clause license"
    "|3 clause bsd license|3 clause bsd|bsd licence",
    "Apache-2.0": "apache|apache 2|apache 2.0|apache license 2.0|apache license version 2.0|asl 2.0"
    "|apache software license|apache license|apache license v2.0|the apache license version 2.0"
    "|apache software license version 2.0|apache software license 2.0|apache2|asl2|apache v2"
    "|apache license 2|apache 2.0 license|apache software license v2.0|apache2.0",
    "ISC": "isc license|isc license iscl|iscl|isc style|isc like",
    "Zlib": "zlib license|zlib png|zlib libpng",
    "libpng-2.0": "libpng|libpng license",
    "BSL-1.0": "boost|boost 1.0|boost software license|boost software license 1.0|bsl 1|bsl1"
    "|boost software license version 1.0",
    "Unlicense": "the unlicense|unlicense org|the unlicense unlicense",
    "CC0-1.0": "cc0|cc0 1.0|cc0 1.0 universal|cc zero|cc0 1",
    "PSF-2.0": "psf|psf 2|python software foundation license|python|python 2.0|psfl|psf license"
    "|psf license version 2",
    "PostgreSQL": "postgresql license",
    "curl": "curl license|mit curl",
    "NCSA": "uiuc ncsa|university of illinois ncsa|university of illinois",
    "public-domain": "public domain|pd|publicdomain|licenseref public domain",
    "blessing": "sqlite blessing",
    "FTL": "freetype|freetype license",
    "HPND": "historical permission notice and disclaimer|ntp|hpnd sell variant|mit hpnd",
    "SSH-OpenSSH": "openssh|ssh",
    "Ruby": "ruby license|ruby s|rubys",
    "Unicode-3.0": "unicode|unicode dfs 2016|unicode 3.0|unicode dfs 2015",
    "bzip2-1.0.6": "bzip2",
    "PHP-3.01": "php|php 3.01|php license 3.01",
    "BlueOak-1.0.0": "blueoak 1.0.0|blue oak model license",
    "GPL-2.0": "gpl|gpl 2|gpl 2.0|gpl2|gpl v2|gplv2|gnu general public license",
    "GPL-3.0": "gpl 3|gpl 3.0|gplv3|gpl v3|gpl3",
    "LGPL-2.1": "lgpl|lgpl 2|lgpl 2.1|lgpl2|lgplv2.1|lgpl 2.0|gnu lesser general public license",
    "LGPL-3.0": "lgpl 3|lgpl 3.0|lgplv3",
    "AGPL-3.0": "agpl|agpl 3|agpl 3.0|agplv3",
    "MPL-2.0": "mpl|mpl 2|mpl 2.0|mozilla public license 2.0|mozilla public license 2.0 mpl 2.0",
    "EPL-1.0": "epl|epl 1|epl 1.0",
    "EPL-2.0": "epl 2|epl 2.0",
}
_OPERATORS = {"or": "OR", "and": "AND"}
_RESTRICTED = re.compile(r"(?i)(?:\b|_)(?:[al]?gpl|mpl|epl|cddl|cc-by|agpl|non-?free|proprietary)")
_OPERATOR = re.compile(
    r"\s*(\(|\)|(?:,\s*)?\b(?:and/or|or|and)\b|\||/(?!\S*\.\S*/)|,|;)\s*", re.IGNORECASE
)


def spdx(name: str) -> str:
    """The identifier of one licence, whatever it was called; as it was written where it is not known."""
    plain = re.sub(r"[^a-z0-9.]+", " ", name.lower()).strip()
    for ending in (" only", " or later", "+"):
        plain = plain.removesuffix(ending)
    plain = re.split(r" with ", plain)[0]  # Exceptions only grant more.
    return _known().get(plain, name.strip())


def canonical(expression: str) -> str:
    """An expression as SPDX writes it: each licence by its identifier, operators in capitals."""
    if spdx(expression) in PERMISSIVE:
        return spdx(expression)
    words = [one for one in _OPERATOR.split(expression) if one and one.strip()]
    said = [_OPERATORS.get(_kind(one), one if one in ("(", ")") else spdx(one)) for one in words]
    return " ".join(said).replace("( ", "(").replace(" )", ")")


def permissive(expression: str) -> bool:
    """Whether an SPDX expression, or what a Debian package says instead of one, grants enough.

    Of alternatives one must, of several at once all.
    """
    if not expression.strip():
        return False
    if spdx(expression) in PERMISSIVE:
        return True
    words = [one for one in _OPERATOR.split(expression) if one and one.strip()]
    value, rest = _either(words)
    return value and not rest


def restricted(expression: str) -> bool:
    """Whether an expression that is not permissive names a licence known to ask for more than a notice."""
    return not permissive(expression) and _RESTRICTED.search(expression) is not None


def joined(*expressions: str) -> str:
    """What holds where all of these do, each said once; the alternatives within one stay together."""
    said = list(dict.fromkeys(one for one in expressions if one))
    if len(said) < 2:
        return "".join(said)
    return " AND ".join(f"({one})" if _OPERATOR.search(one) else one for one in said)


@cache
def _known() -> dict[str, str]:
    known = {re.sub(r"[^a-z0-9.]+", " ", one.lower()).strip(): one for one in PERMISSIVE}
    for identifier, forms in _ALSO.items():
        known |= dict.fromkeys(forms.split("|"), identifier)
        known[re.sub(r"[^a-z0-9.]+", " ", identifier.lower())] = identifier
    return known


def _either(words: list[str]) -> tuple[bool, list[str]]:
    """One or more parts with "or" between them; what is left behind them."""
    value, rest = _all(words)
    while rest and _kind(rest[0]) == "or":
        more, rest = _all(rest[1:])
        value = value or more
    return value, rest


def _all(words: list[str]) -> tuple[bool, list[str]]:
    value, rest = _one(words)
    while rest and _kind(rest[0]) == "and":
        more, rest = _one(rest[1:])
        value = value and more
    return value, rest


def _one(words: list[str]) -> tuple[bool, list[str]]:
    if not words:
        return False, []
    if words[0] == "(":
        value, rest = _either(words[1:])
        return value, rest[1:] if rest[:1] == [")"] else rest
    return spdx(words[0]) in PERMISSIVE, words[1:]


def _kind(word: str) -> str:
    plain = word.lower().strip(", ")
    if plain in ("or", "|", "/", "and/or"):
        return "or"
    return "and" if plain in ("and", "", ";") else ""
