"""How much of a model survives a conversion: agreement with a reference over real code, size and speed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from polylsp.engine.backend import Backend, Logits, log_softmax
from polylsp.engine.load import load
from polylsp.errors import ModelError
from polylsp.prompt.tokenizer import Tokenizer

_WINDOW = 512  # Tokens of each file that are read.
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Fidelity:
    """One converted model against the reference, over the same positions."""

    files: int
    positions: int
    top1: float  # Share of positions whose likeliest token is the reference's.
    bits_per_byte: float
    bits_per_byte_reference: float
    megabytes: float  # Of the graph and its weights.
    prefill_ms: float  # 512 tokens, or what fits. The lower quartile, as the others.
    decode_ms: float  # One token after them.
    append_ms: float  # Four tokens after them.


def compare(
    folder: Path,
    reference: Path,
    texts: Mapping[str, Sequence[str]],
    positions: int,
    say: Callable[[str], None] = print,
) -> Fidelity:
    """Run both model folders over a piece of each text, taking languages in turn, to that many positions.

    `texts` are by language; `reference` should be fp32, with the same tokenizer. Raises ModelError.
    """
    tokenizer = Tokenizer(folder / "tokenizer.json")
    candidate, original = load(folder).tape(), load(reference).tape()
    total = _Total()
    said = 0
    for text in _in_turn(texts):
        ids = tokenizer.encode(_inner(text))[: min(_WINDOW, candidate.n_ctx)]
        if len(ids) < 2:
            continue
        here, there = _logits(candidate, ids), _logits(original, ids)
        total.add(here, there, ids, len(tokenizer.bytes_of(ids[1:])))
        if total.positions * 10 // positions > said or total.positions >= positions:
            said = total.positions * 10 // positions
            say(f"compared {total.positions} positions: top-1 {total.top1:.4f}")
        if total.positions >= positions:
            break
    if not total.size:
        raise ModelError("the source files hold nothing to compare on")
    return Fidelity(
        total.files,
        total.positions,
        total.top1,
        total.bits / total.size,
        total.bits_reference / total.size,
        sum(file.stat().st_size for file in folder.glob("model.onnx*")) / 2**20,
        *_speed(candidate, tokenizer.size),
    )


@dataclass(slots=True)
class _Total:
    """Sums over the files read so far."""

    files: int = 0
    positions: int = 0
    agreed: int = 0
    bits: float = 0.0
    bits_reference: float = 0.0
    size: int = 0  # Bytes.

    def add(self, here: Logits, there: Logits, ids: Sequence[int], size: int) -> None:
        self.files += 1
        self.positions += len(ids) - 1
        self.agreed += int((here.argmax(-1) == there.argmax(-1)).sum())
        self.bits += _bits(here, ids)
        self.bits_reference += _bits(there, ids)
        self.size += size

    @property
    def top1(self) -> float:
        return self.agreed / self.positions


def _in_turn(texts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A text of each language, then another of each, in an order that does not follow folders."""
    random = np.random.default_rng(0)
    orders = {language: random.permutation(len(found)) for language, found in texts.items()}
    for turn in range(max(len(found) for found in texts.values())):
        for language, found in texts.items():
            if turn < len(found):
                yield found[orders[language][turn]]


def _inner(text: str) -> str:
    """`text` from a line a third into it: files start with licences, which every model knows by heart."""
    return text[text.find("\n", len(text) // 3) + 1 :]


def _logits(tape: Backend, ids: Sequence[int]) -> Logits:
    tape.truncate(0)
    return np.array(tape.extend(ids[:-1], last=len(ids) - 1))


def _bits(logits: Logits, ids: Sequence[int]) -> float:
    chosen = log_softmax(logits)[np.arange(len(ids) - 1), np.array(ids[1:])]
    return -float(chosen.sum()) / math.log(2)


def _speed(tape: Backend, vocab: int) -> Iterator[float]:
    """Milliseconds; the lower quartile of many rounds is what a busy machine changes least."""
    before = min(_WINDOW, tape.n_ctx - 4)
    ids = np.random.default_rng(0).integers(0, vocab, before).tolist()
    for n_past, count in ((0, before), (before, 1), (before, 4)):
        times = []
        for _ in range(_ROUNDS):
            tape.truncate(n_past)
            start = time.perf_counter()
            tape.extend(ids[:count])
            times.append((time.perf_counter() - start) * 1000)
        yield float(np.quantile(times, 0.25))
