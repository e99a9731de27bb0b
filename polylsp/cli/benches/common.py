"""What several kinds have in common: what they ask for, a line of progress, where figures are written."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError


def files(paths: list[Path], per_language: int) -> dict[str, list[Path]]:
    """Hand-written source files in `paths`, by language. Raises PolyError where there is none."""
    from polylsp.bench.replay.files import choose

    found = choose(paths, per_language)
    if not found:
        named = ", ".join(map(str, paths))
        raise PolyError(
            f"{named}: no hand-written source file of 3 to 60 kB in the twelve languages"
        )
    return found


def add_sources(parser: argparse.ArgumentParser, what: str) -> None:
    """What to read: paths and packages, `what` of them, or a set of packages."""
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help=f"{what}; or packages: pypi:NAME==1.0, npm:NAME@1.0, debian:NAME=1.0",
    )
    parser.add_argument(
        "--set",
        choices=("development", "test"),
        help="packages pinned by version: to tune on, or to report on",
    )


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


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", nargs="?", type=Path, help="a checkpoint: a folder, or a .gguf file"
    )
    parser.add_argument(
        "--size", help="instead: PolyCoder's architecture with random weights (160M, 0.4B, 2.7B)"
    )
    parser.add_argument("--threads", type=int, default=0, help="(default: as the server has)")
    add_work(parser)


def add_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--context", type=int, default=2048, help="the most tokens (default: 2048)")
    parser.add_argument("--name", default="", help="what to call the model (default: as its file)")
    parser.add_argument(
        "--work", type=Path, metavar="FOLDER", help="keep there what is made, and use it again"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the figures into this Markdown document"
    )


def work(asked: Path | None, temporary: str) -> Path:
    """The folder for what is made. Raises PolyError where it cannot be."""
    folder = asked or Path(temporary)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PolyError(f"{folder} cannot be made ({error}): choose another") from error
    return folder


def published(found: dict[str, Any], document: Path | None) -> dict[str, Any]:
    """The report with its commit and command, also in `document`. Raises PolyError."""
    from polylsp.bench import report

    made = {**found, "commit": report.commit(), "command": shlex.join(["polylsp", *sys.argv[1:]])}
    if document:
        try:
            report.write(document, report.key(made), report.markdown(made))
        except OSError as error:
            raise PolyError(f"{document} cannot be written: {error}") from error
    return made
