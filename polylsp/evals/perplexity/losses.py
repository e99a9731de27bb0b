"""What each file costs a model, and what that comes to by language.

The losses of the bootstrap, the first model that shipped, lie beside this: a later one is compared with it on the
very same texts, which their SHA-256 tells.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BOOTSTRAP = Path(__file__).parent / "bootstrap.jsonl"


@dataclass(frozen=True, slots=True)
class Loss:
    """Of one text."""

    sha256: str
    language: str
    package: str
    name: str
    bytes: int
    words: int  # Pygments' tokens; 0 where nobody counted.
    tokens: int
    nats: float

    @property
    def bits(self) -> float:
        return self.nats / math.log(2)


def by_language(losses: Iterable[Loss]) -> dict[str, list[Loss]]:
    found: dict[str, list[Loss]] = {}
    for one in losses:
        found.setdefault(one.language, []).append(one)
    return dict(sorted(found.items()))


def bits_per_byte(losses: Sequence[Loss]) -> float:
    return sum(one.bits for one in losses) / max(1, sum(one.bytes for one in losses))


def row(losses: Sequence[Loss]) -> dict[str, Any]:
    """The figures of some texts; the perplexity is by Pygments' token, as published (Xu et al. 2022)."""
    counted = sum(one.words for one in losses)
    size = sum(one.bytes for one in losses)
    nats = sum(one.nats for one in losses)
    return {
        "files": len(losses),
        "bytes": size,
        "bits_per_byte": round(bits_per_byte(losses), 4),
        "bytes_per_token": round(size / max(1, sum(one.tokens for one in losses)), 4),
        "word_perplexity": round(math.exp(nats / counted), 4) if counted else None,
    }


def shared(losses: Iterable[Loss], others: Mapping[str, Loss]) -> list[tuple[Loss, Loss]]:
    """Each with what the same text cost another model, where that is known."""
    return [(one, others[one.sha256]) for one in losses if one.sha256 in others]


def read(file: Path) -> dict[str, Loss]:
    """What was written, by SHA-256; nothing where there is no such file. Raises ValueError and TypeError."""
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return {one.sha256: one for one in (Loss(**json.loads(line)) for line in lines)}


def write(losses: Iterable[Loss], file: Path) -> None:
    """Keep them, sorted. Raises OSError."""
    file.write_text("".join(_lines(losses)), encoding="utf-8", newline="\n")


def _lines(losses: Iterable[Loss]) -> Iterator[str]:
    for one in sorted(losses, key=lambda one: (one.language, one.package, one.name)):
        yield json.dumps({**asdict(one), "nats": round(one.nats, 3)}) + "\n"
