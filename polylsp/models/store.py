"""Where pulled and converted models lie on this machine.

`NAME/source/` holds what was downloaded, with `source.json` beside it telling from where and the hash of each
file; it is written last, so without it a download is unfinished. `NAME/BACKEND-WEIGHTS/` are model folders.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from polylsp.engine.load import MANIFEST
from polylsp.errors import ModelError

_RECEIPT = "source.json"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was downloaded, and from where."""

    source: str  # "hub" or "index".
    id: str
    revision: str
    licence: str
    payload: str  # What a conversion starts from: "" for the folder, or a file in it.
    files: dict[str, str]  # Name → SHA-256.


def root() -> Path:
    """The store's folder; `POLYLSP_MODELS` names another."""
    import platformdirs

    chosen = os.environ.get("POLYLSP_MODELS")
    return Path(chosen) if chosen else platformdirs.user_data_path("polylsp") / "models"


def home(name: str) -> Path:
    return root() / name


def incoming(name: str) -> Path:
    """The folder for what is downloaded of `name`, made if need be. Raises ModelError."""
    folder = home(name) / "source"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"{folder} cannot be made ({error}): set POLYLSP_MODELS to a folder of yours"
        ) from error
    return folder


def received(name: str, receipt: Receipt) -> None:
    """Note that the download of `name` is whole."""
    file = home(name) / "source" / _RECEIPT
    file.write_text(json.dumps(asdict(receipt), indent=2) + "\n", encoding="utf-8")


def receipt(name: str) -> Receipt | None:
    """What was downloaded as `name`, or None. Raises ModelError where the note of it is damaged."""
    file = home(name) / "source" / _RECEIPT
    try:
        return Receipt(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{file} cannot be read ({error}): `polylsp models pull {name}`") from None


def source(name: str) -> Path | None:
    """The checkpoint downloaded as `name`: a folder or a file; None where there is none."""
    found = receipt(name)
    return home(name) / "source" / found.payload if found else None


def damaged(name: str) -> Iterator[str]:
    """What is wrong with the downloaded files, one sentence a file. Reads all of them."""
    found = receipt(name)
    for file, wanted in found.files.items() if found else ():
        place = home(name) / "source" / file
        if not place.is_file():
            yield f"{place} is missing"
        elif sha256(place) != wanted:
            yield f"{place} is not what was downloaded: its SHA-256 is another"


def folders(name: str) -> list[Path]:
    """The model folders made of `name`."""
    found = [file.parent for file in sorted(home(name).glob(f"*/{MANIFEST}"))]
    return [folder for folder in found if folder.suffix != ".partial"]


def names() -> list[str]:
    """Everything that the store holds something of."""
    if not root().is_dir():
        return []
    return sorted(one.name for one in root().iterdir() if one.is_dir())


def ours(name: str) -> bool:
    """Whether polylsp wrote all that lies under `name`: POLYLSP_MODELS may name a folder with other things."""
    place = home(name)
    if place.is_symlink():
        return False
    parts = list(place.iterdir())
    return bool(parts) and all(_is_ours(part) for part in parts)


def _is_ours(part: Path) -> bool:
    if part.is_symlink() or not part.is_dir():
        return False
    if part.name == "source":  # An unfinished download has no receipt.
        return (part / _RECEIPT).is_file() or "POLYLSP_MODELS" not in os.environ
    return (part / MANIFEST).is_file() or part.suffix == ".partial"


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def remove(name: str) -> int:
    """Delete all of `name`; the bytes that frees. Raises ModelError where it is not there."""
    place = home(name)
    if name not in names():
        raise ModelError(f"there is no {name!r} in {root()}: `polylsp models list` shows what is")
    freed = size(place)
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise ModelError(f"{place} cannot be removed ({error}): is a server using it?") from error
    return freed


def key(path: Path, files: Iterable[Path]) -> str:
    """A name in the store for a checkpoint that lies elsewhere; another once its files change."""
    facts = [str(path.resolve())]
    for file in sorted(files):
        status = file.stat()
        facts.append(f"{file.name} {status.st_size} {status.st_mtime_ns}")
    digest = hashlib.sha256("\n".join(facts).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{path.stem or 'model'}-{digest[:12]}"


def sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
