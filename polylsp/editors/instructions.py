"""What is said of an editor: to its user in lines, or to a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from polylsp.editors.known import Editor, command, rendered


def instructions(editors: Sequence[Editor]) -> Iterator[str]:
    """How each of these editors is set up on this machine, in lines."""
    start = command()
    for editor in editors:
        for setup in editor.setups:
            yield f"{editor.title}, {setup.client}: suggestions come {setup.shows}"
            for text in setup.texts:
                yield f"  in {text.place}:"
                yield ""
                yield from (f"    {line}".rstrip() for line in _lines(text.name, start))
                yield ""


def setups(editors: Sequence[Editor]) -> list[dict[str, Any]]:
    """The same as values."""
    start = command()
    return [
        {
            "name": editor.name,
            "title": editor.title,
            "client": setup.client,
            "shows": setup.shows,
            "texts": [
                {"place": text.place, "text": rendered(text.name, start)} for text in setup.texts
            ],
        }
        for editor in editors
        for setup in editor.setups
    ]


def _lines(name: str, start: str) -> list[str]:
    return rendered(name, start).splitlines()
