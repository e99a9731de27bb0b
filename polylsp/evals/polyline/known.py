"""What the bootstrap, the first model that shipped, said at each place: to be compared with at those very places.

Kept small: whether each answer was right, by the place's key. A place is one of a file's text (by its SHA-256), so
another version of a package cannot be mistaken for the one that was measured.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from polylsp.evals.polyline.points import Point
from polylsp.evals.polyline.summary import Scored

FILE = Path(__file__).parent / "bootstrap.json.gz"


def read(file: Path = FILE) -> dict[str, dict[str, float]]:
    """By way, then by key: 1 where the answer was right; nothing where nothing was kept.

    Raises ValueError, KeyError and OSError where `file` is something else.
    """
    if not file.is_file():
        return {}
    told: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    keys = [f"{name}:{offset}" for name, offsets in told["files"].items() for offset in offsets]
    return {
        way: dict(zip(keys, map(float, right), strict=True)) for way, right in told["right"].items()
    }


def write(points: Sequence[Point], ways: Mapping[str, Sequence[Scored]], file: Path) -> None:
    """Keep the answers of each way. Raises OSError."""
    order = sorted(range(len(points)), key=lambda at: points[at].key)
    files: dict[str, list[int]] = {}
    for at in order:
        name, _, offset = points[at].key.partition(":")
        files.setdefault(name, []).append(int(offset))
    right = {
        way: "".join("1" if found[at].score.exact else "0" for at in order)
        for way, found in ways.items()
    }
    text = json.dumps({"files": files, "right": right}, separators=(",", ":"))
    file.write_bytes(gzip.compress(text.encode(), mtime=0))
