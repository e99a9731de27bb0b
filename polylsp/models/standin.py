"""Which model stands in for one that memory lacks for, and how that is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from polylsp.engine.load import manifest
from polylsp.errors import ModelError
from polylsp.models import memory, store
from polylsp.models.known import KNOWN
from polylsp.models.memory import shown

Short = Sequence[tuple[str, int]]  # How the weights would be stored, and the bytes that takes.


def told(spec: str, short: Short, free: int) -> str:
    """What was too large, in a sentence's first half."""
    needs = " and ".join(f"{shown(needed)} as {weights}" for weights, needed in short)
    return f"{spec} needs {needs} of memory, {shown(free)} can be had"


def local(free: int, below: int, backends: tuple[str, ...]) -> Path | None:
    """The largest converted model that fits into `free` bytes and is smaller than `below`; None for none."""
    fitting = [
        (needed, str(folder), folder)
        for name in store.names()
        for folder in store.folders(name)
        if (needed := memory.needed_by_folder(folder)) <= free
        and needed < below
        and _backend(folder) in backends
    ]
    return max(fitting)[2] if fitting else None


def fitting(free: int) -> str:
    """A hint at the largest model that could be pulled and would fit; "" where none would."""
    sizes = [(memory.needed(one.plan, "int8"), one.name) for one in KNOWN if one.plan is not None]
    names = [name for needed, name in sorted(sizes) if needed <= free]
    return f"{names[-1]} would fit (`polylsp models pull {names[-1]}`)" if names else ""


def _backend(folder: Path) -> str:
    try:
        engine = manifest(folder).get("engine")
    except ModelError:
        return ""
    return str(engine.get("backend")) if isinstance(engine, dict) else ""
