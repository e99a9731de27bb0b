"""How fast this machine reads memory, with as many threads as an engine has."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

_BYTES = 256 << 20  # More than any cache holds.
_Array = np.ndarray[Any, np.dtype[np.float32]]
# Which of them keeps up with the memory depends on the processor.
_KERNELS: dict[str, Callable[[_Array], Any]] = {
    "sum": np.add.reduce,
    "max": np.maximum.reduce,
    "dot": lambda values: np.dot(values, values),
}


class Bandwidth:
    """An array, and threads that read it."""

    def __init__(self, threads: int, size: int = _BYTES) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self._parts = np.array_split(np.ones(size // 4, np.float32), threads)
        self._bytes = size

    def measure(self) -> dict[str, float]:
        """Gigabytes a second, by how they were read."""
        return {name: self._rate(kernel) for name, kernel in _KERNELS.items()}

    def close(self) -> None:
        self._pool.shutdown()

    def _rate(self, kernel: Callable[[_Array], Any]) -> float:
        started = time.perf_counter()
        list(self._pool.map(kernel, self._parts))
        return self._bytes / (time.perf_counter() - started) / 1e9
