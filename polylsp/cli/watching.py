"""What a piece of work takes: seconds, processor time, and memory at its most."""

from __future__ import annotations

import threading
import time

from polylsp.stats import resident_bytes

_EVERY = 0.01  # Seconds between two looks at the memory.


class Watch:
    """Watches while its block runs."""

    def __enter__(self) -> Watch:
        self._before = self._most = resident_bytes() or 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        self._started, self._cpu_started = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._seconds = time.perf_counter() - self._started
        self._cpu = time.process_time() - self._cpu_started
        self._ended.set()
        self._thread.join()

    def figures(self) -> dict[str, float]:
        """Seconds, and bytes of resident memory beyond what was there before."""
        return {
            "seconds": round(self._seconds, 3),
            "cpu_seconds": round(self._cpu, 3),
            "resident_growth": self._most - self._before,
        }

    def _look(self) -> None:
        while not self._ended.wait(_EVERY):
            self._most = max(self._most, resident_bytes() or 0)
