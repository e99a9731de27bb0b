"""A corpus → tokens to train on: which files (`choose`), laid out (`arrange`), shuffled, in pieces (`shards`).

The same corpus, tokenizer and settings give the same bytes, with any number of workers.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from polylsp.errors import PolyError
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.train import shards
from polylsp.train.arrange import Arranged, Arranger
from polylsp.train.choose import rounds, survey, weights
from polylsp.train.config import Data
from polylsp.train.documents import documents, pieces
from polylsp.train.shards import MANIFEST, MOST, TOKENIZER, VALIDATION

_SAMPLE = 200  # Files of a language that tell how many bytes a token has.
_VALIDATED = 8  # Files of a language …
_CHARACTERS = 2_500  # … and so much of each.

Told = tuple[Arranged, int]  # With the language's number.


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker needs to know."""

    tokenizer: Path
    data: Data
    languages: Sequence[str]


def make(
    corpus: Path,
    tokenizer: Path,
    folder: Path,
    data: Data,
    workers: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Write the tokens of `corpus` to `folder`; what its manifest says.

    Raises PolyError where the corpus or the tokenizer cannot be read, or `folder` holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PolyError(f"{folder} is not empty: choose another folder")
    train = pieces(corpus, "train")
    work = Work(tokenizer, data, sorted(train))
    text = Tokenizer(tokenizer)
    arranger = Arranger.of(text, data.fill, data.path)
    say(f"looking at {sum(map(len, train.values()))} pieces of text")
    found = survey(train)
    data = replace(data, weights=data.weights or weights(corpus, found))
    rates = {
        language: _rate(arranger, files, len(found[language])) for language, files in train.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    counted: dict[str, Counter[str]] = {language: Counter() for language in train}
    chosen = rounds(found, data, rates.__getitem__)
    for number, drawn in enumerate(chosen):
        say(f"round {number + 1} of {len(chosen)}: reading")
        read = list(_read(work, train, drawn.drawn, workers))
        _count(read, work.languages, counted)
        Random(f"{data.seed} {number}").shuffle(read)
        for piece in _cut(read):
            rows.append(shards.write(folder, f"{len(rows):05}", piece))
            say(f"piece {len(rows)}: {sum(row['tokens'] for row in rows):,} tokens")
    validation = _validation(corpus, data.seed, text, folder)
    shutil.copyfile(tokenizer, folder / TOKENIZER)
    row = _manifest(corpus, tokenizer, text, work, rows, counted) | {"validation": validation}
    (folder / MANIFEST).write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")
    return row


def _rate(arranger: Arranger, files: Sequence[Path], count: int) -> float:
    """Bytes of a file for each token that is made of it, by some of a language's `count` files."""
    step = max(1, count // _SAMPLE)
    some = islice((one for file in files for one in documents(file)), 0, None, step)
    read = tokens = 0
    for one in some:
        read += len(one.text.encode("utf-8", "replace"))
        tokens += sum(len(part.token_ids) for part in arranger.arrange(one, Random(one.sha256)))
    return read / max(1, tokens)


def _read(
    work: Work,
    train: Mapping[str, Sequence[Path]],
    drawn: Mapping[str, Mapping[str, Sequence[int]]],
    workers: int,
) -> Iterator[Told]:
    tasks = [(file, drawn[language]) for language in sorted(drawn) for file in train[language]]
    one = partial(_arranged, work)
    if workers < 2:
        for task in tasks:
            yield from one(task)
        return
    with ProcessPoolExecutor(workers) as pool:
        for told in pool.map(one, tasks):
            yield from told


def _arranged(work: Work, task: tuple[Path, Mapping[str, Sequence[int]]]) -> list[Told]:
    """The documents of one piece of text that were drawn."""
    file, drawn = task
    arranger = Arranger.of(Tokenizer(work.tokenizer), work.data.fill, work.data.path)
    return [
        (arranged, work.languages.index(one.language))
        for one in documents(file)
        for number in drawn.get(one.sha256, ())
        for arranged in arranger.arrange(one, Random(f"{work.data.seed} {number} {one.sha256}"))
    ]


def _count(
    read: Sequence[Told], languages: Sequence[str], counted: Mapping[str, Counter[str]]
) -> None:
    for one, language in read:
        row = counted[languages[language]]
        size = len(one.token_ids)
        row.update(documents=1, tokens=size, filled=size if one.middle else 0)


def _cut(read: Sequence[Told]) -> Iterator[list[Told]]:
    """In order, so that none is too large."""
    piece: list[Told] = []
    size = 0
    for one in read:
        if piece and size + len(one[0].token_ids) > MOST:
            yield piece
            piece, size = [], 0
        piece.append(one)
        size += len(one[0].token_ids)
    if piece:
        yield piece


def _validation(
    corpus: Path, seed: int, tokenizer: Tokenizer, folder: Path
) -> list[dict[str, Any]]:
    """The starts of some files of packages that nothing is trained on; empty where the corpus has none."""
    try:
        found = pieces(corpus, "validation")
    except PolyError:
        return []
    arranger = Arranger.of(tokenizer, 0.0, 0.0)
    read: list[Told] = []
    rows = []
    for number, (language, files) in enumerate(sorted(found.items())):
        candidates = sorted(
            (one for file in files for one in documents(file) if len(one.text) >= 500),
            key=lambda one: hashlib.sha256(f"{seed} {one.sha256}".encode()).digest(),
        )
        read += [
            (arranger.whole(one.text[:_CHARACTERS]), number) for one in candidates[:_VALIDATED]
        ]
        rows.append({"language": language, "documents": min(_VALIDATED, len(candidates))})
    shards.write(folder, VALIDATION, read)
    return rows


def _manifest(
    corpus: Path,
    tokenizer: Path,
    text: Tokenizer,
    work: Work,
    rows: Sequence[Mapping[str, Any]],
    counted: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    tokens = sum(int(row["tokens"]) for row in rows)
    source = corpus / "manifest.jsonl.gz"
    data = work.data
    return {
        "format": 1,
        "tokens": tokens,
        "vocabulary": text.size,
        "tokenizer_sha256": hashlib.sha256(tokenizer.read_bytes()).hexdigest(),
        "corpus_sha256": hashlib.sha256(source.read_bytes()).hexdigest()
        if source.is_file()
        else "",
        "seed": data.seed,
        "fill": data.fill,
        "path": data.path,
        "passes": data.passes,
        "languages": {
            language: {**row, "share": round(row["tokens"] / max(1, tokens), 4)}
            for language, row in sorted(counted.items())
            if row
        },
        "pieces": list(rows),
    }
