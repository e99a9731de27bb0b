"""What git would leave out: the rules of `.gitignore` files, without git.

Nested files, `.git/info/exclude` and the user's own list are read as gitignore(5) tells: the deepest file counts
for most, in it the last line. A tracked file that a rule names is left out here; git would keep it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

# Where names are the same in capitals and small letters, rules are, too.
_FLAGS = re.IGNORECASE if os.name == "nt" or os.path.normcase("A") == "a" else 0
_MOST_BYTES = 100_000  # Of a file with rules.
_DEEP = 4  # Times that `**` may stand in a rule: more may take for ever to try.
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": "!-\\/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_EXCLUDES = re.compile(r"(?im)^\s*excludesfile\s*=\s*\"?([^\"\n]+?)\"?\s*$")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line."""

    pattern: re.Pattern[str]  # Of a path from the folder of its file on.
    negated: bool
    folders_only: bool


@dataclass(frozen=True, slots=True)
class Level:
    """One file's rules, in the order they are tried, and the folder they hold in: "" or "a/b/"."""

    base: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All that hold in one folder; the last level is tried first. Paths are from the checkout's top on."""

    top: Path
    levels: tuple[Level, ...] = ()

    def inside(self, folder: Path) -> Rules:
        """These rules with those of the `.gitignore` in `folder`."""
        rules = _read(folder / ".gitignore")
        if not rules:
            return self
        relative = folder.relative_to(self.top).as_posix()
        base = "" if relative == "." else relative + "/"
        return Rules(self.top, (*self.levels, Level(base, rules)))

    def leave_out(self, path: str, folder: bool) -> bool:
        """Whether git would not look at `path`, given that it looks at the folder around it."""
        for level in reversed(self.levels):
            inner = path[len(level.base) :]
            for rule in level.rules:
                if (folder or not rule.folders_only) and rule.pattern.fullmatch(inner):
                    return not rule.negated
        return False


def rules_of(root: Path) -> Rules:
    """What holds in `root`: its own `.gitignore`, those above it in the checkout, and those beside all."""
    top = next((one for one in (root, *root.parents) if (one / ".git").exists()), None)
    if top is None:
        return Rules(root).inside(root)
    shared = (_read(_user_list()), _read(_git_folder(top) / "info" / "exclude"))
    rules = Rules(top, tuple(Level("", one) for one in shared if one))
    between = [one for one in (root, *root.parents) if top in (one, *one.parents)]
    for folder in reversed(between):
        rules = rules.inside(folder)
    return rules


def _git_folder(top: Path) -> Path:
    """The folder that all work trees of a checkout share."""
    place = top / ".git"
    try:
        if place.is_dir():
            return place
        place = top / place.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        return place / (place / "commondir").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return place


def _user_list() -> Path:
    """The list that the user keeps for all checkouts."""
    home = Path(os.environ.get("HOME") or Path("~").expanduser())
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git"
    for file in (home / ".gitconfig", config / "config"):
        named = _EXCLUDES.search(_text(file))
        if named:
            name = named.group(1)
            return home / name[2:] if name.startswith("~/") else home / name
    return config / "ignore"


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES).decode("utf-8-sig", errors="surrogateescape")
    except (OSError, ValueError):
        return ""


def _read(file: Path) -> tuple[Rule, ...]:
    rules = (_rule(line.removesuffix("\r")) for line in _text(file).split("\n"))
    return tuple(one for one in rules if one)[::-1]


def _rule(line: str) -> Rule | None:
    bare = line.rstrip(" ")
    line = bare + line[len(bare) :][: bare.endswith("\\")]
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    pattern = line.removeprefix("!") if negated else line
    folders_only = pattern.endswith("/")
    pattern = pattern[:-1] if folders_only else pattern
    anchored = "/" in pattern
    expression = _expression(pattern.removeprefix("/"), anchored)
    if not pattern or expression is None:
        return None
    if not anchored:
        expression = "(?:.*/)?" + expression
    try:
        return Rule(re.compile(expression, re.DOTALL | _FLAGS), negated, folders_only)
    except re.error:  # A range of characters that runs backwards.
        return None


def _expression(pattern: str, anchored: bool) -> str | None:
    """A pattern as a regular expression; None where it can match nothing."""
    # Of a pattern with a slash git first takes off what is plain, so two stars behind that stand at a start.
    special = (at for at, one in enumerate(pattern) if one in "*?[\\")
    plain = next(special, 0) if anchored else 0
    made, at, deep = "", 0, 0
    part: list[str] = []  # What stands between the stars of the name at hand.
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "/":
            made, part = made + _name(part, made) + "/", []
        elif character == "*":
            whole = at - 1 in (0, plain) or pattern[at - 2] == "/"
            first = at
            while pattern[at : at + 1] == "*":
                at += 1
            if at == first or not whole or pattern[at : at + 1] not in ("", "/"):
                part = [*(part or [""]), ""]
                continue
            deep += 1
            if deep > _DEEP:
                return None
            made, part = made + _name(part, made), []
            made += ".*" if at == len(pattern) else "(?:.*/)?"
            at += 1
        else:
            one = _one(pattern, at)
            if one is None:
                return None
            part, at = [*part[:-1], "".join(part[-1:]) + one[0]], one[1]
    return made + _name(part, made)


def _one(pattern: str, at: int) -> tuple[str, int] | None:
    """What matches one character, the one before `at`, and the place behind it."""
    character = pattern[at - 1]
    if character == "?":
        return "[^/]", at
    if character == "[":
        return _bracket(pattern, at)
    if character == "\\":
        return (re.escape(pattern[at]), at + 1) if at < len(pattern) else None
    return re.escape(character), at


def _name(parts: list[str], before: str) -> str:
    """Parts with stars between them. Each is found as early as it can be: trying all places might never end."""
    if len(parts) < 2:
        return "".join(parts)
    first, *middle, last = parts
    number = before.count("(?P<")
    for part in filter(None, middle):
        first += f"(?=(?P<g{number}>[^/]*?{part}))(?P=g{number})"
        number += 1
    return first + "[^/]*" + last


def _bracket(pattern: str, at: int) -> tuple[str, int] | None:
    """A class of characters, which starts at `at`, and the place behind it; None where it does not end."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    made, first = "", at
    while at < len(pattern):
        character = pattern[at]
        if character == "]" and at > first:
            return f"(?!/)[{'^' if negated else ''}{made}]", at + 1
        named = re.compile(r"\[:(\w+):\]").match(pattern, at)
        if named:
            if named.group(1) not in _CLASSES:
                return None
            made, at = made + _CLASSES[named.group(1)], named.end()
            continue
        between = character == "-" and first < at < len(pattern) - 1 and pattern[at + 1] != "]"
        if character == "\\":
            at += 1
            character = pattern[at : at + 1]
        made += "-" if between else re.escape(character)
        at += 1
    return None
