"""Whether a corpus is what its report says, and holds nothing that it must not: read again, from first to last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polylsp.corpus import order, recipe, report, store
from polylsp.corpus.build import RECIPE
from polylsp.corpus.files.source import KEPT
from polylsp.corpus.licences.names import permissive
from polylsp.corpus.likeness import guard as guards
from polylsp.corpus.likeness.shingles import SHINGLE, bands, runs, signature, words_and_names
from polylsp.corpus.writing import pieces
from polylsp.errors import PolyError
from polylsp.sources.packages import is_held_out
from polylsp.workspace.redact import secrets

_SHOWN = 20  # Problems of one kind.


@dataclass(slots=True)
class Found:
    """What was looked at, and what is wrong."""

    documents: int = 0
    problems: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, where: str) -> None:
        self.problems.setdefault(kind, []).append(where)

    def data(self) -> dict[str, Any]:
        return {
            "documents": self.documents,
            "problems": {
                kind: {"number": len(some), "first": some[:_SHOWN]}
                for kind, some in self.problems.items()
            },
        }


def verify(out: Path, say: Callable[[str], None] = lambda _: None) -> Found:
    """Read all of the corpus in `out`. Raises PolyError where there is none that is whole."""
    told, made = read_report(out), recipe.read(out / RECIPE)
    found = Found()
    _check_files(out, told, found)
    manifest = _manifest(out)
    guard = guards.load(made.guards)
    files = pieces(out)
    for number, piece in enumerate(files, 1):
        say(f"reading {number} of {len(files)} pieces")
        _check_piece(piece, manifest, found)
        for document in store.lines(piece):
            found.documents += 1
            _check_document(document, guard, found)
            aside = made.sets_aside(document["package"])
            if aside != (piece.parent.parent.name == "validation"):
                found.add("a package is on both sides of the split", _name(document))
    for one in manifest:
        found.add("the manifest has a file that the text has not", "/".join(one))
    return found


def read_report(out: Path) -> dict[str, Any]:
    """Raises PolyError where `out` is no corpus, or none that is whole."""
    try:
        found: dict[str, Any] = json.loads((out / report.REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PolyError(f"{out} holds no whole corpus: polylsp corpus build makes one") from error
    return found


def _check_files(out: Path, told: dict[str, Any], found: Found) -> None:
    here = {one.relative_to(out).as_posix() for one in [*pieces(out), out / report.MANIFEST]}
    for name in sorted(here ^ set(told["files"])):
        found.add("a file is missing, or one too many", name)
    for name in sorted(here & set(told["files"])):
        if report.hash_of_file(out / name) != told["files"][name]:
            found.add("a file is not what the report says", name)


def _manifest(out: Path) -> dict[tuple[str, str], str]:
    """Package and path → hash, of all that is kept."""
    return {
        (row["package"], row["path"]): row["sha256"]
        for row in store.lines(out / report.MANIFEST)
        if row["decision"] == KEPT
    }


def _check_piece(piece: Path, manifest: dict[tuple[str, str], str], found: Found) -> None:
    """Its documents are in order and are those of the manifest, from which they are taken."""
    before = ("", "")
    for document in store.lines(piece):
        place = (document["package"], document["path"])
        if place <= before:
            found.add("documents are out of order", _name(document))
        before = place
        if manifest.pop(place, None) != document["sha256"]:
            found.add("the text has a file that the manifest has not", _name(document))
        if order.hash_of(document["text"]) != document["sha256"]:
            found.add("a text is not what its hash says", _name(document))


def _check_document(document: dict[str, Any], guard: guards.Guard, found: Found) -> None:
    for kind in _wrong(document, guard):
        found.add(kind, _name(document))


def _wrong(document: dict[str, Any], guard: guards.Guard) -> Iterator[str]:
    if not permissive(document["licence"]):
        yield "a licence is not permissive"
    if is_held_out(document["package"]):
        yield "a package is held out"
    words, names = words_and_names(document["text"])
    if guard.knows_task(names):
        yield "a benchmark's task"
    shingles = runs(words, SHINGLE)
    if len(shingles) and guard.knows_file(bands(signature(shingles).reshape(1, -1)).ravel()):
        yield "nearly a file that is held out"
    if any(True for _ in secrets(document["text"])):
        yield "a secret"


def _name(document: dict[str, Any]) -> str:
    return f"{document['package']}/{document['path']}"
