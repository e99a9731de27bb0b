"""What several kinds ask for: source files, and a line of progress."""

from __future__ import annotations

import sys
from pathlib import Path

from polylsp.errors import PolyError


def files(paths: list[Path], per_language: int) -> dict[str, list[Path]]:
    """Hand-written source files in `paths`, by language. Raises PolyError where there is none."""
    from polylsp.bench.replay import choose

    found = choose(paths, per_language)
    if not found:
        named = ", ".join(map(str, paths))
        raise PolyError(
            f"{named}: no hand-written source file of 3 to 60 kB in the twelve languages"
        )
    return found


def say(line: str) -> None:
    """Progress, on one line."""
    print(f"\r{line:60}", end="", file=sys.stderr, flush=True)


def end() -> None:
    """The line of progress is over."""
    print(file=sys.stderr)


def say_line(line: str) -> None:
    """Progress that is worth a line of its own."""
    print(line, file=sys.stderr, flush=True)


def checkpoint(source: Path | None, size: str | None, work: Path) -> Path:
    """The checkpoint that was given, or one of PolyCoder's `size` made in `work`. Raises PolyError."""
    if source:
        return source
    if not size:
        raise PolyError("nothing to measure: give a checkpoint's folder, a .gguf file, or --size")
    try:
        from polylsp.export.fake import make
    except ImportError as error:
        raise PolyError(f"making it needs {error.name}: pip install 'polylsp[export]'") from error
    folder = work / f"polycoder-{size}"
    if not (folder / "config.json").is_file():
        make(folder, size, storage="safetensors", say=say_line)
    return folder
