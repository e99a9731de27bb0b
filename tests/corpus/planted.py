"""Folders with files that a corpus must not hold, among files that it must."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction.
"""
GPL = """\
# This program is free software: you can redistribute it and/or modify it under the terms of the GNU
# General Public License as published by the Free Software Foundation, either version 3 of the License,
# or (at your option) any later version.
"""
# HumanEval/0 (openai/human-eval, MIT), prompt and canonical solution.
HUMANEVAL = '''\
from typing import List


def has_close_elements(numbers: List[float], threshold: float) -> bool:
    """ Check if in given list of numbers, are any two numbers closer to each other than
    given threshold.
    >>> has_close_elements([1.0, 2.0, 3.0], 0.5)
    False
    >>> has_close_elements([1.0, 2.8, 3.0, 4.0, 5.0, 2.0], 0.3)
    True
    """
    for idx, elem in enumerate(numbers):
        for idx2, elem2 in enumerate(numbers):
            if idx != idx2:
                distance = abs(elem - elem2)
                if distance < threshold:
                    return True

    return False
'''
KEY = "AKIA" + "Q3EGRV7KJ2PXN5TL"
_SYLLABLES = (
    "ba",
    "co",
    "du",
    "fe",
    "gi",
    "ho",
    "ju",
    "ka",
    "lo",
    "mi",
    "no",
    "pu",
    "ri",
    "so",
    "tu",
)


def code(seed: int, functions: int = 30) -> str:
    """Python that nobody has written before, always the same."""
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choice(_SYLLABLES) for _ in range(3))

    lines: list[str] = []
    for _ in range(functions):
        name, one, other = word(), word(), word()
        lines += [
            f"def {name}({one}, {other}):",
            f"    {word()} = {one}.{word()}({other})",
            f"    return {word()}({one}) + {other}",
            "",
        ]
    return "\n".join(lines)


def plant(root: Path) -> Path:
    """Two packages and their recipe, which is returned."""
    first, second = root / "first", root / "second"
    files = {
        first / "LICENSE": MIT,
        first / "plain.py": code(1),
        first / "other.py": code(2),
        first / "windows.py": code(3).replace("\n", "\r\n"),
        first / "secret.py": f'{code(4)}\nkey = "{KEY}"\nwrite = "jane.roe@corp-mail.com"\n',
        first / "copyleft.py": GPL + code(5),
        first / "task.py": code(6, 4) + HUMANEVAL,
        first / "app.js": "".join(f"function a{n}(b,c){{return b.d{n}(c)}};" for n in range(90)),
        first / "readme.txt": "Not in any of the twelve languages.",
        second / "LICENSE": MIT,
        second / "plain_again.py": code(1),
        second / "nearly.py": code(2).replace("def ", "def very_", 3),
        second / "own.py": code(7),
        second / "old.py": code(8).replace("def ", "# caf\xe9\ndef ", 1),
        second / "vendor" / "theirs.py": code(9),
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("latin-1"))
    recipe = root / "recipe.toml"
    recipe.write_text(
        '[sources]\nfolders = [{ path = "first" }, { path = "nowhere" }, { path = "second" }]\n'
        f"git = [{checkout(root / 'cloned')}]\n"
        '[validation]\nshare = 0.0\npackages = ["folder:second"]\n'
    )
    return recipe


def checkout(place: Path) -> str:
    """A repository with one commit, as a recipe names it; "" where there is no git."""
    if shutil.which("git") is None:
        return ""
    place.mkdir()
    (place / "cloned.py").write_text(code(11))
    (place / "LICENSE").write_text(MIT)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(place), *arguments], check=True)
    asked = ["git", "-C", str(place), "rev-parse", "HEAD"]
    head = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    return f'{{ from = "{place.name}", commit = "{head}" }}'
