"""The ways in which a model is asked for the rest of a line: what of the context it is shown, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from polylsp.types import ChunkKind

NAIVE_CHARACTERS = 2000
BELOW = 12  # Lines.


@dataclass(frozen=True, slots=True)
class Way:
    """One of them."""

    name: str
    prompt: Mapping[str, Any] = field(default_factory=dict)  # Settings, as outside.
    without: frozenset[ChunkKind] = frozenset()
    memory: bool = False  # Whether the user's own code weighs in on what the model says.
    naive: bool = False  # Instead of a built prompt, the last characters before the cursor.
    equal: bool = False  # With no more tokens than those characters have.
    below: int = 0  # Lines below the cursor's that are shown as another file's are.


PREFIX = Way("prefix", {"suffix": "off"})
SUFFIX = Way("suffix", {"suffix": "on"})
# Everything that an editor's user has.
MEMORY = Way("memory", memory=True)
WAYS = {way.name: way for way in (PREFIX, SUFFIX, MEMORY)}

NAIVE = Way("naive", {"healing": False}, naive=True, equal=True)
HEALED = Way("naive healed", naive=True, equal=True)
BUILT = Way("built", equal=True)


def trial(fills: bool) -> list[Way]:
    """The context on trial: the last characters, the built prompt, and that without one thing at a time.

    Those that begin alike stand beside each other. `fills`: whether the model can be shown the suffix.
    """
    return [
        NAIVE,
        HEALED,
        BUILT,
        Way("without healing", {"healing": False}, equal=True),
        *([Way("without suffix", {"suffix": "off"}, equal=True)] if fills else []),
        *([Way("with suffix", {"suffix": "on"}, equal=True)] if fills else []),
        Way("with lines below", {"suffix": "off"}, equal=True, below=BELOW),
        Way("without path", {"path": False}, equal=True),
        *(
            Way(f"without {kind.value}", without=frozenset({kind}), equal=True)
            for kind in ChunkKind
            if kind is not ChunkKind.NEAR
        ),
    ]
