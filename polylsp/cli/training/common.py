"""What several of them share: which configuration, what is said, and what needs torch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec

from polylsp.errors import PolyError
from polylsp.train import config
from polylsp.train.config import Configuration

_NEEDED = ("torch", "accelerate", "safetensors")


def add_configuration(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument(
        "--config",
        default=default,
        metavar="NAME",
        help=f"a .toml file, or one of {', '.join(config.names())}"
        + (f" (default: {default})" if default else ""),
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one of its values instead, as in training.rate=0.001; may be repeated",
    )


def changed(found: Configuration, changes: Sequence[str]) -> Configuration:
    """`found` with each of `changes` (part.key=value, as in TOML). Raises PolyError."""
    row = found.row()
    for change in changes:
        key, equals, value = change.partition("=")
        part, dot, name = key.strip().partition(".")
        if not (equals and dot and part in row and name in row[part]):
            raise PolyError(f"--set {change}: write PART.KEY=VALUE, as in training.rate=0.001")
        row[part][name] = config.value(value.strip())
    return config.parse(row, found.name)


def need_torch() -> None:
    """Raises PolyError where this installation cannot train."""
    missing = [one for one in _NEEDED if find_spec(one) is None]
    if missing:
        raise PolyError(f"training needs {', '.join(missing)}: pip install 'polylsp[train]'")


def say(options: argparse.Namespace) -> Callable[[str], None]:
    """To standard error, so that standard output is the result; nothing with --quiet."""
    quiet = getattr(options, "quiet", False)
    return lambda line: None if quiet else print(line, file=sys.stderr, flush=True)
