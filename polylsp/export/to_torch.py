"""A checkpoint → a model folder for torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from polylsp.export.convert import Options


def convert(
    source: Path, destination: Path, options: Options, say: Callable[[str], None] = print
) -> None:
    raise NotImplementedError
