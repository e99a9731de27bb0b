"""Bits per byte of each language, on the starts of files from packages that nothing is trained on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch

from polylsp.prompt.tokenizer import Tokenizer
from polylsp.train import shards
from polylsp.train.loss import losses
from polylsp.train.model import NeoX

Tensor = Any  # torch's own types are not known where torch is not installed.

MEAN = "mean"


class Validation:
    """Those files, as tokens; of each as much as fits into a context."""

    def __init__(self, folder: Path, context: int) -> None:
        """Raises PolyError where `folder` holds no tokens."""
        told = shards.manifest(folder)["validation"]
        self._languages = [row["language"] for row in told]
        self._documents: list[tuple[str, list[int], int]] = []
        if told:
            tokenizer = Tokenizer(folder / shards.TOKENIZER)
            tokens, records = shards.load(folder, shards.VALIDATION)
            ends = [*records["start"].tolist()[1:], len(tokens)]
            for record, end in zip(records, ends, strict=True):
                ids = tokens[int(record["start"]) : end][: context + 1].tolist()
                language = self._languages[int(record["language"])]
                self._documents.append((language, ids, len(tokenizer.bytes_of(ids))))

    def measure(self, model: NeoX) -> dict[str, float]:
        """By language, and the mean of the languages; nothing where there is nothing to measure."""
        bits: dict[str, float] = dict.fromkeys(self._languages, 0.0)
        sizes: dict[str, int] = dict.fromkeys(self._languages, 0)
        for language, ids, size in self._documents:
            bits[language] += _bits(model, ids)
            sizes[language] += size
        found = {one: round(bits[one] / sizes[one], 4) for one in self._languages if sizes[one]}
        if found:
            found[MEAN] = round(sum(found.values()) / len(found), 4)
        return found


def _bits(model: NeoX, ids: list[int]) -> float:
    tokens = torch.tensor([ids], device=model.head.device)
    # Every file has a length of its own: nothing to compile for.
    with torch.no_grad(), torch.compiler.set_stance("force_eager"):
        hidden = model.hidden(tokens[:, :-1])[0]
        found = losses(hidden.float(), model.head.float(), tokens[0, 1:])
    return float(found.double().sum()) / math.log(2)
