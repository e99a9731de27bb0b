"""What tasks leave for each other, as files: whole or not there, and the same bytes for the same files.

WORK/sources/00007/      what one source gave: seen.jsonl.gz, {language}.jsonl.gz, signatures.npy, others.json
WORK/missing/00007       why another could not be had
WORK/twins/00007.json    which of its files are duplicates, and of which kind
WORK/text/{language}/    pieces of the corpus that are not yet moved to their place
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.likeness.shingles import Signature

_LEVEL = 6  # Of gzip.


@dataclass(slots=True)
class Others:
    """Files in none of the twelve languages: counted, not listed."""

    files: int = 0
    bytes: int = 0

    def add(self, file: SourceFile) -> None:
        self.files += 1
        self.bytes += file.size


def row(file: SourceFile) -> dict[str, Any]:
    """A line of the manifest."""
    found: dict[str, Any] = {
        "package": file.package,
        "version": file.version,
        "path": file.path,
        "language": file.language,
        "licence": file.licence,
        "sha256": file.sha256,
        "bytes": file.size,
        "decision": file.decision,
    }
    return found | ({"changes": list(file.changes)} if file.changes else {})


def document(file: SourceFile) -> dict[str, Any]:
    """A line of the corpus."""
    return {
        "package": file.package,
        "path": file.path,
        "language": file.language,
        "licence": file.licence,
        "sha256": file.sha256,
        "text": file.text,
    }


def write_source(
    work: Path, rank: int, seen: Sequence[SourceFile], signatures: Signature, others: Others
) -> None:
    """What one source gave; the rows of `signatures` are those of the files that are kept, in order."""
    folder = work / "sources" / f"{rank:05}"
    making = _making(folder)
    write_lines(making / "seen.jsonl.gz", map(row, seen))
    for language in sorted({one.language for one in seen if one.kept}):
        kept = (document(one) for one in seen if one.kept and one.language == language)
        write_lines(making / f"{language}.jsonl.gz", kept)
    np.save(making / "signatures.npy", signatures)
    (making / "others.json").write_text(json.dumps(asdict(others)), encoding="utf-8")
    _made(making, folder)


def seen(work: Path, rank: int) -> Iterator[dict[str, Any]]:
    """The manifest's lines of one source; none where it is missing."""
    yield from lines(work / "sources" / f"{rank:05}" / "seen.jsonl.gz")


def kept(work: Path, rank: int, language: str) -> Iterator[dict[str, Any]]:
    """The documents of one source in one language."""
    yield from lines(work / "sources" / f"{rank:05}" / f"{language}.jsonl.gz")


def signatures(work: Path, rank: int) -> Signature | None:
    file = work / "sources" / f"{rank:05}" / "signatures.npy"
    return np.load(file, allow_pickle=False) if file.is_file() else None


def others(work: Path, rank: int) -> Others:
    file = work / "sources" / f"{rank:05}" / "others.json"
    return Others(**json.loads(file.read_text("utf-8"))) if file.is_file() else Others()


def note_missing(work: Path, rank: int, why: str) -> None:
    file = work / "missing" / f"{rank:05}"
    file.parent.mkdir(parents=True, exist_ok=True)
    replace(file, why.encode("utf-8", "replace"))


def forget_missing(work: Path, rank: int) -> None:
    (work / "missing" / f"{rank:05}").unlink(missing_ok=True)


def is_missing(work: Path, rank: int) -> bool:
    return (work / "missing" / f"{rank:05}").is_file()


def missing(work: Path) -> dict[int, str]:
    """The sources that could not be had, and why."""
    return {
        int(one.name): one.read_text("utf-8") for one in sorted((work / "missing").glob("[0-9]*"))
    }


def write_twins(work: Path, found: dict[int, dict[str, str]]) -> None:
    for rank, decisions in found.items():
        file = work / "twins" / f"{rank:05}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        replace(file, json.dumps(decisions, sort_keys=True).encode("utf-8"))


def twins(work: Path, rank: int) -> dict[str, str]:
    """Path → decision, of those files of a source that are duplicates."""
    file = work / "twins" / f"{rank:05}.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The JSON lines of a compressed file; none where there is no file."""
    if file.is_file():
        with gzip.open(file, "rt", encoding="utf-8") as opened:
            for line in opened:
                yield json.loads(line)


def write_lines(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Compressed, the same bytes for the same rows: neither time nor name stands in them."""
    with Lines(file) as opened:
        for one in rows:
            opened.write(one)


class Lines:
    """A compressed file of JSON lines that is being written; `size` is what of it is on disk."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._raw = file.open("wb")
        self._opened = gzip.GzipFile("", "wb", _LEVEL, self._raw, mtime=0)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()
        self._raw.close()

    @property
    def size(self) -> int:
        return self._raw.tell()

    def write(self, row: dict[str, Any]) -> None:
        self._opened.write(json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n")


def replace(file: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    making = file.with_name(f"{file.name}.{os.getpid()}")
    with io.FileIO(making, "w") as opened:
        opened.write(content)
    making.replace(file)


def _making(folder: Path) -> Path:
    making = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    return making


def _made(making: Path, folder: Path) -> None:
    """Put a folder in its place, in place of what an interrupted run has left there."""
    shutil.rmtree(folder, ignore_errors=True)
    making.replace(folder)
