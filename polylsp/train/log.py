"""What is told of a run while it goes on: a line of JSON for whoever reads later, a short one for who waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from polylsp.train.checkpoint import LOG


class Log:
    """Appends to a run's log. Only one process of several has one that says anything."""

    def __init__(self, folder: Path, say: Callable[[str], None], tells: bool = True) -> None:
        self._file, self._say, self._tells = folder / LOG, say, tells

    def add(self, kind: str, **told: Any) -> None:
        """One line; it is there when this returns."""
        if not self._tells:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with self._file.open("a", encoding="utf-8", newline="\n") as opened:
            opened.write(json.dumps({"kind": kind, "time": now, **told}) + "\n")
        self._say(_short(kind, told))


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a run's log; one that was cut off by a kill is left out."""
    file = folder / LOG
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _short(kind: str, told: Mapping[str, Any]) -> str:
    if kind == "step":
        left = told["left_hours"]
        return (
            f"step {told['step']:,} of {told['steps']:,}  loss {told['loss']:.3f}  "
            f"{told['tokens_per_second']:,.0f} tokens/s  {told['tokens'] / 1e6:.2f} M tokens  "
            f"{left:.1f} h left"
        )
    if kind == "validation":
        each = "  ".join(f"{name} {bits:.3f}" for name, bits in told["bits_per_byte"].items())
        return f"bits per byte at step {told['step']:,}: {each}"
    return kind + "  " + "  ".join(f"{name} {value}" for name, value in told.items())
