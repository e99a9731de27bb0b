"""Tokens on disk: pieces of at most 16 MB, each with a table of its documents beside it; and reading them.

    NNNNN.tokens.npy      16-bit token ids, one document after the other
    NNNNN.documents.npy   of each: where it starts, where its middle does, its language, whether its end is told

Training reads them as one stream, round and round: what a step gets depends on its number alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from polylsp.errors import PolyError
from polylsp.train.arrange import Arranged

Array = np.ndarray[Any, np.dtype[Any]]

MOST = 7_900_000  # Tokens of a piece: not quite 16 MB.
MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.json"
VALIDATION = "validation"
RECORD = np.dtype([("start", "<u4"), ("middle", "<u4"), ("language", "u1"), ("whole", "u1")])


@dataclass(frozen=True, slots=True)
class Batch:
    """What a step is trained on; every array is [windows, length]."""

    tokens: Array
    targets: Array
    weights: Array  # How much each target counts.
    documents: Array  # A number for each document in a window; attention stays within it.


def write(folder: Path, name: str, arranged: Sequence[tuple[Arranged, int]]) -> dict[str, Any]:
    """Write documents, each with the number of its language, as one piece; what the manifest says."""
    records = np.zeros(len(arranged), RECORD)
    at = 0
    for record, (one, language) in zip(records, arranged, strict=True):
        middle = at + one.middle if one.middle else at
        record["start"], record["middle"] = at, middle
        record["language"], record["whole"] = language, one.whole
        at += len(one.token_ids)
    empty = np.zeros(0, np.uint16)
    tokens = np.concatenate([empty, *(one.token_ids for one, _ in arranged)])
    np.save(folder / f"{name}.tokens.npy", tokens)
    np.save(folder / f"{name}.documents.npy", records)
    hashes = [
        hashlib.sha256((folder / f"{name}.{kind}.npy").read_bytes()).hexdigest()
        for kind in ("tokens", "documents")
    ]
    return {"name": name, "tokens": at, "documents": len(records), "sha256": hashes}


def manifest(folder: Path) -> dict[str, Any]:
    """What is said of the tokens in `folder`. Raises PolyError where there are none."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PolyError(
            f"{folder} holds no tokens ({error}): make some with `polylsp train tokens`"
        ) from error
    return found


def load(folder: Path, name: str) -> tuple[Array, Array]:
    """The tokens of one piece, mapped, and its table. Raises PolyError."""
    try:
        tokens = np.load(folder / f"{name}.tokens.npy", mmap_mode="r")
        return tokens, np.load(folder / f"{name}.documents.npy")
    except (OSError, ValueError) as error:
        raise PolyError(f"{folder} is incomplete ({error}): make or copy it again") from error


class Stream:
    """All pieces of a folder, one after the other."""

    def __init__(self, folder: Path) -> None:
        """Raises PolyError where tokens are missing."""
        self.manifest: Mapping[str, Any] = manifest(folder)
        self._tokens, starts, middles, wholes = [], [], [], []
        self._firsts = [0]
        for piece in self.manifest["pieces"]:
            tokens, records = load(folder, piece["name"])
            first = self._firsts[-1]
            self._tokens.append(tokens)
            starts.append(first + records["start"].astype(np.int64))
            middles.append(first + records["middle"].astype(np.int64))
            wholes.append(records["whole"])
            self._firsts.append(first + len(tokens))
        self.size = self._firsts[-1]
        if not self.size:
            raise PolyError(f"{folder} holds no tokens at all: make it again from more text")
        self._starts, self._middles = np.concatenate(starts), np.concatenate(middles)
        self._wholes = np.concatenate(wholes)

    def batch(self, at: int, tokens: int, length: int, prefix_weight: float = 1.0) -> Batch:
        """`tokens` of them from `at` on, in windows of `length`."""
        places = np.arange(at, at + tokens + 1) % self.size
        ids = self._read(at, tokens + 1)
        owner = np.searchsorted(self._starts, places, "right") - 1
        own, following = owner[:-1], owner[1:]
        weights = np.ones(tokens, np.float32)
        weights[(own == following) & (places[1:] < self._middles[own])] = prefix_weight
        # What comes behind a document is its end, where that is told; else it is another one's business.
        weights[own != following] = self._wholes[own[own != following]]
        border = np.ones(tokens, bool)
        border[1:] = own[1:] != own[:-1]
        border[::length] = True
        shape = (-1, length)
        return Batch(
            ids[:-1].reshape(shape),
            ids[1:].reshape(shape),
            weights.reshape(shape),
            np.cumsum(border).reshape(shape),
        )

    def _read(self, at: int, count: int) -> Array:
        found = np.empty(count, np.int64)
        done = 0
        while done < count:
            place = (at + done) % self.size
            piece = int(np.searchsorted(self._firsts, place, "right")) - 1
            first = place - self._firsts[piece]
            part = self._tokens[piece][first : first + count - done]
            found[done : done + len(part)] = part
            done += len(part)
        return found
