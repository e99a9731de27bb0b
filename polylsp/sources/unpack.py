"""Archives that came from elsewhere → files in a folder, and nowhere else."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from polylsp.errors import PolyError

_MOST_BYTES = 2_000_000_000  # Unpacked; no package worth typing has as much.


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a wheel, a zip file or a tarball into `folder`: plain files alone. Raises PolyError."""
    try:
        if archive.suffix in (".whl", ".zip"):
            _zip(archive, folder)
        else:
            _tar(archive, folder)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise PolyError(f"{archive.name} cannot be unpacked: {error}") from error


def _zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        _bounded(archive, sum(one.file_size for one in opened.infolist()))
        opened.extractall(folder)  # noqa: S202 - It takes ".." and roots out of names by itself.


def _tar(archive: Path, folder: Path) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise PolyError("this Python cannot unpack safely: use 3.10.12, 3.11.4, 3.12 or newer")
    with tarfile.open(archive) as opened:
        files = [one for one in opened if one.isfile()]  # No links, no devices.
        _bounded(archive, sum(one.size for one in files))
        for one in files:
            opened.extract(one, folder, filter="data")


def _bounded(archive: Path, size: int) -> None:
    if size > _MOST_BYTES:
        raise PolyError(f"{archive.name} would unpack to {size / 1e9:.1f} GB: too much to type")
