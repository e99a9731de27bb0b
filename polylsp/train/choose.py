"""Which files are drawn, and how often: each language its share of the tokens, its files in a shuffled order.

A language with too little text is gone through several times, `Data.passes` at the most. What is drawn comes in
rounds that fit into memory, each with its share of every language, whatever the order of the corpus.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from polylsp.corpus.recipe import read
from polylsp.train.config import Data
from polylsp.train.documents import documents

ROUND = 200_000_000  # Tokens.
# C and C++ come first, as PolyCoder promised: together over a third.
WEIGHTS = {
    "c": 3.0,
    "cpp": 2.7,
    "csharp": 1.0,
    "go": 1.0,
    "java": 1.0,
    "javascript": 1.0,
    "php": 1.0,
    "python": 1.4,
    "ruby": 1.0,
    "rust": 1.0,
    "scala": 1.0,
    "typescript": 1.0,
    "tsx": 0.2,
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the corpus, as far as choosing needs it."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Round:
    """By language: the SHA-256 of each file that is drawn → in which passes."""

    drawn: Mapping[str, Mapping[str, Sequence[int]]]


def survey(pieces: Mapping[str, Sequence[Path]]) -> dict[str, list[File]]:
    """Every file of the corpus, by language. Raises PolyError where a piece cannot be read."""
    return {
        language: [
            File(one.sha256, len(one.text.encode("utf-8", "replace")))
            for file in files
            for one in documents(file)
        ]
        for language, files in pieces.items()
    }


def weights(corpus: Path, found: Mapping[str, Sequence[File]]) -> dict[str, float]:
    """How much of each language is drawn: as the recipe of `corpus` says, or by our own weights without one."""
    file = corpus / "recipe.toml"
    if not file.is_file():
        return {language: WEIGHTS.get(language, 0.0) for language in found}
    sizes = {language: float(sum(one.bytes for one in files)) for language, files in found.items()}
    return read(file).shares(sizes)


def rounds(
    found: Mapping[str, Sequence[File]],
    data: Data,
    bytes_per_token: Callable[[str], float],
    size: int = ROUND,
) -> list[Round]:
    """What is drawn of `found`, by the weights of the languages that are there."""
    count = max(1, round(data.tokens / size))
    total = sum(data.weights.get(language, 0.0) for language in found) or 1.0
    drawn: list[dict[str, dict[str, list[int]]]] = [{} for _ in range(count)]
    for language, files in sorted(found.items()):
        share = data.weights.get(language, 0.0) / total
        wanted = share * data.tokens * bytes_per_token(language)
        for at, (sha256, number) in _drawn(files, data, wanted):
            one = drawn[min(count - 1, int(at * count))].setdefault(language, {})
            one.setdefault(sha256, []).append(number)
    return [Round(one) for one in drawn]


def _drawn(files: Sequence[File], data: Data, wanted: float) -> list[tuple[float, tuple[str, int]]]:
    """Files with the number of their pass, in order, and how far each is on the way to `wanted` bytes."""
    taken: list[tuple[int, tuple[str, int]]] = []
    bytes_ = 0
    for number in range(data.passes):
        for one in sorted(files, key=lambda one: _order(data.seed, number, one.sha256)):
            if bytes_ >= wanted:
                break
            taken.append((bytes_, (one.sha256, number)))
            bytes_ += one.bytes
    return [(at / max(1, bytes_), what) for at, what in taken]


def _order(seed: int, number: int, sha256: str) -> bytes:
    return hashlib.blake2b(f"{seed} {number} {sha256}".encode(), digest_size=8).digest()
