"""A corpus of a few files, as `polylsp corpus build` would leave it, and tokens of it."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import pytest

from polylsp.models.resolve import EMBEDDED
from polylsp.train import tokens
from polylsp.train.config import Data

TOKENIZER = EMBEDDED / "tokenizer.json"
WORDS = ("count", "total", "name", "value", "index", "buffer", "result", "item")


def write_corpus(folder: Path, sizes: Mapping[str, int], seed: int = 0) -> Path:
    """So many files of each language; one in eight more, for validation. Returns `folder`."""
    random = Random(seed)
    for language, count in sizes.items():
        for part, files in (("train", count), ("validation", 1 + count // 8)):
            texts = [source(language, random) for _ in range(files)]
            write_piece(folder / "text" / part / language / "00000.jsonl.gz", language, texts)
    return folder


def write_piece(file: Path, language: str, texts: Sequence[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8", newline="\n") as opened:
        for number, text in enumerate(texts):
            row = {
                "package": f"package-{number % 3}",
                "path": f"src/{language}/file_{number}",
                "language": language,
                "licence": "MIT",
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "text": text,
            }
            opened.write(json.dumps(row) + "\n")


def source(language: str, random: Random) -> str:
    """Code of a kind, different each time."""
    return "\n".join(_function(language, random) for _ in range(random.randint(8, 20)))


def _function(language: str, random: Random) -> str:
    first, second, third = random.sample(WORDS, 3)
    number = random.randint(1, 99)
    if language == "python":
        return (
            f"def {first}_{number}({second}):\n    if {second} > {number}:\n"
            f"        {third} = {second} * {number}\n        return {third}\n    return {second}\n"
        )
    return (
        f"int {first}_{number}(int {second}) {{\n    if ({second} > {number}) {{\n"
        f"        int {third} = {second} * {number};\n        return {third};\n    }}\n"
        f"    return {second};\n}}\n"
    )


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"), {"c": 24, "cpp": 24, "python": 40})


@pytest.fixture(scope="session")
def shards(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 20,000 tokens of it."""
    folder = tmp_path_factory.mktemp("tokens") / "tokens"
    tokens.make(corpus, TOKENIZER, folder, Data(20_000))
    return folder
