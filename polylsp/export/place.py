"""Where a model folder is made: beside its destination, and moved there when it is whole.

So nothing half-made is ever found, and a conversion that failed leaves nothing behind; what one that was killed
left is removed by a later one.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from polylsp.engine.load import MANIFEST
from polylsp.errors import ModelError

_LEFT_OVER = 24 * 3600  # Seconds after which nobody can still be writing.


@contextmanager
def place(destination: Path) -> Iterator[Path]:
    """A folder to write to; what is in it stands at `destination` once the block has ended well.

    Raises ModelError where the destination is taken, or cannot be made.
    """
    _free(destination)
    partial = destination.with_name(f"{destination.name}.{os.getpid()}.partial")
    _sweep(destination, partial)
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise ModelError(f"{destination} cannot be made ({error}): choose another") from error
    try:
        yield partial
        _free(destination)  # Somebody else may have been quicker.
        _move(partial, destination)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def untaken(destination: Path) -> None:
    """Raises ModelError where there is a model at `destination` already."""
    for taken in (MANIFEST, "config.json"):
        if (destination / taken).exists():
            raise ModelError(
                f"{destination} holds a model already: remove it, or choose another folder"
            )


def _free(destination: Path) -> None:
    untaken(destination)
    if destination.is_dir() and any(destination.iterdir()):
        raise ModelError(f"{destination} is not empty: choose another folder")


def _move(partial: Path, destination: Path) -> None:
    try:
        if destination.is_dir():
            destination.rmdir()  # It is empty; not every system replaces it.
        partial.rename(destination)
    except OSError as error:
        raise ModelError(f"{destination} cannot be made ({error}): choose another") from error


def _sweep(destination: Path, own: Path) -> None:
    """Remove what killed conversions left."""
    for left in destination.parent.glob(f"{escape(destination.name)}.*.partial"):
        if left == own or time.time() - left.stat().st_mtime > _LEFT_OVER:
            shutil.rmtree(left, ignore_errors=True)
