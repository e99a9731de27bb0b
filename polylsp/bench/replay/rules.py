"""What is taken of a suggestion: what the file says, and is long enough to be worth a key."""

from __future__ import annotations

import re

RULES = ("full", "line", "word")  # How little of a suggestion may be taken.
_LEAST = 5  # Characters; fewer only where they finish an identifier.
_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")


def taken(suggestion: str, text: str, at: int, rule: str = "full") -> str:
    """What of `suggestion` at offset `at` of the true `text` is taken, in one key; "" for nothing.

    All of it where it is right; else its first line, or its first word, where the rule has that.
    """
    parts = [suggestion]
    if rule != "full" and "\n" in suggestion.rstrip("\n"):
        parts.append(
            suggestion[: suggestion.index("\n", len(suggestion) - len(suggestion.lstrip()))]
        )
    if rule == "word" and (word := _WORD.match(suggestion)):
        parts.append(word.group())
    return next((part for part in parts if _worth(part, text, at)), "")


def is_block(suggestion: str) -> bool:
    """Whether it says more than one line."""
    return "\n" in suggestion.strip()


def _worth(part: str, text: str, at: int) -> bool:
    if not part.strip() or not text.startswith(part, at):
        return False
    return len(part) >= _LEAST or _finishes_identifier(part, text, at)


def _finishes_identifier(part: str, text: str, at: int) -> bool:
    behind = text[at + len(part) : at + len(part) + 1]
    return _in_word(part[-1:]) and not _in_word(behind)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
