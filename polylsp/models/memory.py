"""What a model needs of the machine's memory, and what the machine can spare.

Needs are the weights as they are stored, the attention cache of one file, and what a runtime takes for
itself. Measured for the graphs of ours (docs/models.md); for other runtimes it is an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from polylsp.config import EngineConfig
from polylsp.engine.shape import Shape

# The context that conversions are made for: a prompt of that length is read in seconds on a processor.
CONTEXT = 2048
# How matrices are stored → bits of a number, the scales that blocks share included.
BITS = {
    "fp32": 32.0,
    "f32": 32.0,
    "bf16": 16.0,
    "fp16": 16.0,
    "f16": 16.0,
    "int8": 9.0,
    "q8_0": 8.5,
    "int4": 5.0,
    "q4_k_m": 4.9,
}
_RUNTIME = 150 * 2**20  # Bytes: an interpreter, a runtime and its buffers.
_LOADED = 1.1  # What is in memory for each byte of weights: some are laid out anew.


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of a model that decide what it needs."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    inner: int  # Of the MLP.
    vocab: int
    gated: bool = False
    tied: bool = False

    @property
    def parameters(self) -> int:
        """Trained numbers; biases and norms are too few to matter."""
        shared = 2 * self.hidden * (self.hidden + self.kv_heads * (self.hidden // self.heads))
        layer = shared + (3 if self.gated else 2) * self.hidden * self.inner
        return self.layers * layer + self.vocab * self.hidden * (1 if self.tied else 2)

    @property
    def cache(self) -> int:
        """Bytes of attention cache for one token."""
        return 2 * 4 * self.layers * self.kv_heads * (self.hidden // self.heads)


def needed(plan: Plan, weights: str, context: int = CONTEXT) -> int:
    """Bytes that a model takes with its weights stored like that, one file open."""
    stored = _stored(plan.parameters, plan.vocab * plan.hidden, weights)
    return int(stored * _LOADED) + context * plan.cache + _RUNTIME


def needed_by(shape: Shape, parameters: int, weights: str) -> int:
    """The same, of a checkpoint that has been looked into."""
    stored = _stored(parameters, shape.vocab * shape.hidden, weights)
    cache = 2 * 4 * shape.layers * shape.kv_heads * shape.head_dim
    return int(stored * _LOADED) + shape.context * cache + _RUNTIME


def _stored(parameters: int, embedding: int, weights: str) -> float:
    """Bytes of weights; rows of the embedding are never stored in less than eight bits."""
    bits = BITS[weights]
    return ((parameters - embedding) * bits + embedding * max(bits, BITS["int8"])) / 8


def needed_by_folder(folder: Path) -> int:
    """The same, of a model folder as it lies there; its attention cache is not counted."""
    return needed_by_files(file for file in folder.glob("model.*") if file.is_file())


def needed_by_files(files: Iterable[Path], share: float = 1.0) -> int:
    """The same, of weights of which that share is kept."""
    return int(sum(file.stat().st_size for file in files) * share * _LOADED) + _RUNTIME


def limit(engine: EngineConfig) -> int | None:
    """Bytes that a model may take: what the settings say, else what is free; None where nobody knows."""
    return engine.model_memory * 2**20 if engine.model_memory else available()


def available(group: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes of memory that could be taken without swapping, or what is left to the container where that is less.

    None where the system does not tell.
    """
    try:
        free = psutil.virtual_memory().available
    except (OSError, RuntimeError, psutil.Error):
        return None
    try:
        most = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # No such group, or "max": no limit.
        return free
    return min(free, max(0, most - used))


def shown(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"
