"""How passes of the network are run: as they come, or as fixed steps that a GPU has recorded.

A recorded step (a CUDA graph) does the same work over the same memory whenever it is replayed, without Python in
between. So its size and the length that attention reaches over are fixed; tokens and their place are inputs. All
but the recording runs on a processor as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from polylsp.engine.backend import Logits
from polylsp.engine.torch_model import Network, Tensor

SIZES = (
    1,
    2,
    4,
    8,
)  # Of steps, in tokens: one is decoding, the others verify drafts and read what was typed.
_SHORTEST = 256  # Rows that attention reaches over; then twice as many, up to the whole cache.

Work = Callable[[], None]
Record = Callable[[Work], Work]  # Does the work at least once, and returns what does it again.


class Passes:
    """Passes over one cache, each as long as it is."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._cache = network.cache()

    def run(self, ids: Sequence[int], start: int, last: int) -> Logits:
        """The logits after the last `last` of the tokens, of which the first has the place `start`."""
        device = self._network.device
        places = torch.arange(start, start + len(ids), device=device)
        seen = self._network.mask(places, start + len(ids))
        read = torch.tensor(ids, device=device)
        return _array(self._network.run(read, places, self._cache, seen, last))


class Steps(Passes):
    """Small passes as fixed steps, recorded when they are first needed; larger ones as they come."""

    def __init__(self, network: Network, record: Record) -> None:
        super().__init__(network)
        self._record = record
        self._steps: dict[tuple[int, int], _Step] = {}

    def run(self, ids: Sequence[int], start: int, last: int) -> Logits:
        if len(ids) > SIZES[-1]:
            return super().run(ids, start, last)
        size = next(size for size in SIZES if size >= len(ids))
        # What fills a step up is written behind the tokens, where the next pass overwrites it.
        filled = [*ids, *[0] * (size - len(ids))]
        logits = self._step(size, start + size).run(filled, start)
        return _array(logits[len(ids) - last : len(ids)])

    def warm(self) -> None:
        """Record every step, over what the cache holds at its start."""
        for size in SIZES:
            for length in lengths(self._network.rows):
                self._step(size, length).run([0] * size, 0)

    def _step(self, size: int, reach: int) -> _Step:
        length = next(length for length in lengths(self._network.rows) if length >= reach)
        if (size, length) not in self._steps:
            step = _Step(self._network, self._cache, size, length, self._record)
            self._steps[size, length] = step
        return self._steps[size, length]


class _Step:
    """One pass of a fixed size, over the same memory every time."""

    def __init__(
        self, network: Network, cache: Tensor, size: int, length: int, record: Record
    ) -> None:
        self._network, self._cache, self._length = network, cache, length
        self._record = record
        self._again: Work | None = None
        self._ids = torch.zeros(size, dtype=torch.int64, device=network.device)
        self._start = torch.zeros(1, dtype=torch.int64, device=network.device)
        self._offsets = torch.arange(size, device=network.device)
        self._logits: Tensor = None

    def run(self, ids: Sequence[int], start: int) -> Tensor:
        self._ids.copy_(torch.tensor(ids))
        self._start.fill_(start)
        if self._again is None:
            self._again = self._record(self._compute)
        self._again()
        return self._logits

    def _compute(self) -> None:
        places = self._start + self._offsets
        seen = self._network.mask(places, self._length)
        self._logits = self._network.run(self._ids, places, self._cache, seen, len(self._ids))


def lengths(rows: int) -> list[int]:
    """What attention reaches over in steps: powers of two, and at last all rows."""
    found = []
    length = _SHORTEST
    while length < rows:
        found.append(length)
        length *= 2
    return [*found, rows]


def recorder() -> Record:
    """Records work as CUDA graphs, which share the memory of what they compute in between."""
    pool: Any = torch.cuda.graph_pool_handle()

    def record(work: Work) -> Work:
        # Libraries set themselves up in the first passes, which a recording must not hold.
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            work()
            work()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool):
            work()
        again: Work = graph.replay
        return again

    return record


def _array(logits: Tensor) -> Logits:
    array: Logits = logits.cpu().numpy()
    return array
