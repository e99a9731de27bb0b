"""How much of a model survives a conversion: agreement with a reference over real code, size and speed."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from polylsp.engine.backend import Backend, Logits, log_softmax
from polylsp.engine.load import load
from polylsp.prompt.tokenizer import Tokenizer

_WINDOW = 512  # Tokens of each file that are read.
_ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Fidelity:
    """One converted model against the reference, over the same positions."""

    positions: int
    top1: float  # Share of positions whose likeliest token is the reference's.
    bits_per_byte: float
    bits_per_byte_reference: float
    megabytes: float
    prefill_ms: float  # 512 tokens, median.
    decode_ms: float  # One token after 512, median.
    append_ms: float  # Four tokens after 512, median.


def compare(folder: Path, reference: Path, texts: Sequence[str], threads: int = 0) -> Fidelity:
    """Run both model folders over `texts`.

    `reference` should be fp32; both need the same tokenizer. Raises ModelError.
    """
    tokenizer = Tokenizer(folder / "tokenizer.json")
    candidate, original = load(folder, threads).tape(), load(reference, threads).tape()
    positions = agreed = 0
    bits = bits_reference = 0.0
    total_bytes = 0
    for text in texts:
        ids = tokenizer.encode(text)[:_WINDOW]
        if len(ids) < 2:
            continue
        here, there = _logits(candidate, ids), _logits(original, ids)
        agreed += int((here.argmax(-1) == there.argmax(-1)).sum())
        positions += len(ids) - 1
        bits += _bits(here, ids)
        bits_reference += _bits(there, ids)
        total_bytes += len(tokenizer.bytes_of(ids[1:]))
    return Fidelity(
        positions,
        agreed / positions,
        bits / total_bytes,
        bits_reference / total_bytes,
        sum(file.stat().st_size for file in folder.glob("model.onnx*")) / 2**20,
        *_speed(candidate, tokenizer.size),
    )


def _logits(tape: Backend, ids: Sequence[int]) -> Logits:
    tape.truncate(0)
    return np.array(tape.extend(ids[:-1], last=len(ids) - 1))


def _bits(logits: Logits, ids: Sequence[int]) -> float:
    chosen = log_softmax(logits)[np.arange(len(ids) - 1), np.array(ids[1:])]
    return -float(chosen.sum()) / math.log(2)


def _speed(tape: Backend, vocab: int) -> Iterable[float]:
    ids = np.random.default_rng(0).integers(0, vocab, _WINDOW).tolist()
    for n_past, count in ((0, _WINDOW), (_WINDOW, 1), (_WINDOW, 4)):
        times = []
        for _ in range(_ROUNDS):
            tape.truncate(n_past)
            start = time.perf_counter()
            tape.extend(ids[:count])
            times.append((time.perf_counter() - start) * 1000)
        yield statistics.median(times)
