"""Where this user's indexes lie: a folder for each workspace and tokenizer, and one limit for all together.

Whoever writes in one holds its lock; who reads needs none. The least recently used go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from polylsp.errors import PolyError
from polylsp.workspace import manifest
from polylsp.workspace.segments import sweep

_NAME = re.compile("[0-9a-f]{32}")
_LOCK = "lock"
_PATIENCE = 5  # Seconds that another process may take to end its update before an index is deleted.
_USED = "used"  # Empty; when it was touched, the index was used.

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """An index on this machine."""

    folder: Path
    size: int  # Bytes on disk.
    used: float  # When; seconds since the epoch.


def shelf() -> Path:
    """The folder of all indexes; `POLYLSP_INDEX` names another."""
    import platformdirs

    chosen = os.environ.get("POLYLSP_INDEX")
    return Path(chosen) if chosen else platformdirs.user_cache_path("polylsp") / "index"


def place(cache: Path, root: Path, fingerprint: str) -> Path:
    """The folder of one index."""
    facts = f"{manifest.VERSION}\n{fingerprint}\n{os.path.normcase(root)}"
    digest = hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()
    return cache / digest[:32]


def kept(cache: Path) -> list[Kept]:
    """All indexes, the latest used first."""
    try:
        folders = [one for one in cache.iterdir() if _NAME.fullmatch(one.name) and _ours(one)]
    except OSError:
        return []
    found = [Kept(one, size(one), _used(one)) for one in folders]
    return sorted(found, key=lambda one: -one.used)


def size(folder: Path) -> int:
    """Bytes of an index on disk."""
    try:
        return sum(file.stat().st_size for file in folder.iterdir())
    except OSError:  # Somebody deletes it.
        return 0


def _ours(folder: Path) -> bool:
    """Whether a folder is an index, not something that somebody else keeps there."""
    return any((folder / name).is_file() for name in (_LOCK, manifest.NAME))


def _used(folder: Path) -> float:
    for one in (folder / _USED, folder):
        with contextlib.suppress(OSError):
            return one.stat().st_mtime
    return 0


def touch(folder: Path) -> None:
    """Note that an index is used."""
    with contextlib.suppress(OSError):
        if folder.is_dir():
            (folder / _USED).touch(mode=0o600)


@contextlib.contextmanager
def writing(folder: Path, patience: float = 0) -> Iterator[bool]:
    """Whether this process may write in `folder` now, which is made if need be. Raises OSError.

    `patience`: seconds to wait where another process writes.
    """
    from filelock import FileLock, Timeout

    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = FileLock(folder / _LOCK, mode=0o600)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        yield False
        return
    except NotImplementedError as error:  # A file system without locks.
        raise OSError(str(error)) from error
    try:
        yield True
    finally:
        lock.release()


def delete(folder: Path) -> None:
    """Delete an index. Raises PolyError where another process writes in it and does not end."""
    try:
        removed = _remove(folder, _PATIENCE)
    except OSError as error:
        raise PolyError(f"{folder} cannot be deleted ({error})") from error
    if not removed:
        raise PolyError(f"{folder} is being written by another process: try again, or end it")


def _remove(folder: Path, patience: float = 0) -> bool:
    """Delete an index; False where another process writes in it. Raises OSError."""
    if not folder.is_dir():
        return True
    with writing(folder, patience) as mine:
        if not mine:
            return False
        # First what the rest hangs on: one that is half gone is none.
        for name in (manifest.NAME, _USED):
            (folder / name).unlink(missing_ok=True)
        sweep(folder, ())
        with contextlib.suppress(OSError):  # Held, lest another process takes what is about to go.
            (folder / _LOCK).unlink()
    with contextlib.suppress(OSError):
        if os.name == "nt":  # There it could not be deleted while it was held.
            (folder / _LOCK).unlink(missing_ok=True)
        folder.rmdir()  # Windows: unless a server has a part of it mapped.
    return True


def trim(cache: Path, megabytes: int, using: Path) -> None:
    """Delete the least recently used indexes until the rest is within the limit; the one in use stays."""
    total = 0
    for one in kept(cache):
        total += one.size
        if total > megabytes * 1_000_000 and one.folder != using:
            with contextlib.suppress(OSError):
                if _remove(one.folder):
                    total -= one.size
                    log.info(
                        "an index that was not used lately is deleted, %d MB: memory.megabytes is %d",
                        one.size // 1_000_000,
                        megabytes,
                    )
