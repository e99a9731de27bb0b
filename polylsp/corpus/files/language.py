"""Which of the twelve languages a file is in: by its name, and by what it says."""

from __future__ import annotations

import re

from polylsp.syntax.languages import LANGUAGES, identify

# A dialect with a grammar of its own is no language of its own.
TWELVE = tuple(sorted({"typescript" if one.name == "tsx" else one.name for one in LANGUAGES}))

_SHEBANG = re.compile(rb"#!\s*\S*?(?:/env\s+(?:-S\s+)?)?(python|ruby|node|php)[\d.]*(?:\s|$)")
_SHEBANGS = {b"python": "python", b"ruby": "ruby", b"node": "javascript", b"php": "php"}
_SCRIPT = re.compile(r"[^.]+|.*\.(?:sh|cgi|in)")
# What shares an ending with a language and is something else.
_FOREIGN = {
    "c": re.compile(
        r"^[ \t]*(?:@(?:interface|implementation|protocol|class)\b|#import\b)", re.MULTILINE
    ),
    "typescript": re.compile(r"\A\s*<(?:\?xml|!DOCTYPE)"),
    "cpp": re.compile(
        r"^[ \t]*(?:@(?:interface|implementation|protocol|class)\b|#import\s)", re.MULTILINE
    ),
    "rust": re.compile(r"\A\s*<\?xml"),
}
_NEEDED = {"php": re.compile(r"<\?(?:php|=)")}
_LOOK = 20_000  # Characters; what a file is shows at its start.


def by_name(path: str, start: bytes = b"") -> str:
    """The language that a path promises, a script's first line helping; "" for none of the twelve."""
    name = path.rsplit("/", 1)[-1]
    found = identify("", name)
    if not found and start and _SCRIPT.fullmatch(name):
        shebang = _SHEBANG.match(start)
        found = _SHEBANGS[shebang[1]] if shebang else ""
    return "typescript" if found == "tsx" else found


def by_content(path: str, promised: str, text: str) -> str:
    """What a file of that `promised` language turns out to be; "" for none of the twelve."""
    head = text[:_LOOK]
    foreign, needed = _FOREIGN.get(promised), _NEEDED.get(promised)
    if (foreign and foreign.search(head)) or (needed and not needed.search(head)):
        return ""
    if promised == "c" and path.lower().endswith(".h"):
        return identify("", path, text)
    return promised
