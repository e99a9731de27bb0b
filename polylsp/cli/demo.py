"""`polylsp demo`: ghost text in a terminal, through the real server, before any editor is set up."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from polylsp.errors import PolyError

if TYPE_CHECKING:
    from polylsp.demo.lesson import Lesson


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", type=Path, help="a source file (default: an example; nothing is saved)"
    )
    parser.add_argument(
        "--model",
        default="embedded",
        help="`embedded`, a name or Hugging Face id that was pulled, a folder, or a .gguf file",
    )
    parser.add_argument("--play", action="store_true", help="type the file by itself, as ctrl+t")
    parser.add_argument(
        "--record", action="store_true", help="print what would be shown, as plain text"
    )
    parser.add_argument(
        "--count", type=int, default=5, help="how many suggestions to print (default: 5)"
    )


def run(options: argparse.Namespace) -> int:
    from polylsp.demo.lesson import read

    lesson = read(options.file)
    reason = None if options.record else _why_plain()
    if reason:
        print(f"polylsp: {reason}", file=sys.stderr)
    if reason or options.record:
        return _record(lesson, options)
    from polylsp.demo.screen import show

    settings = {"model": options.model}
    if problem := show(lesson, settings, play=options.play):
        raise PolyError(problem)
    return 0


def _why_plain() -> str | None:
    """Why there is no full screen; None where there is one."""
    from importlib.util import find_spec

    plainly = "; this is what would be shown, as `polylsp demo --record` prints it"
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        return "the full screen needs a terminal" + plainly
    if find_spec("textual") is None:
        return "the full screen needs textual: pip install 'polylsp[demo]'" + plainly
    return None


def _record(lesson: Lesson, options: argparse.Namespace) -> int:
    from polylsp.client.editor import Editor
    from polylsp.demo.record import STEADY, transcript

    started = time.perf_counter()
    editor = Editor({"model": options.model, **STEADY})
    try:
        status = editor.wait_until_ready()
        seconds = time.perf_counter() - started
        print(
            f"polylsp {status['version']}: server and model {status['model']} ready in {seconds:.1f} s"
        )
        print(f"typing {lesson.path.name}; «suggestions look like this»\n")
        for line in transcript(editor, lesson, options.count):
            print(line, flush=True)
    finally:
        editor.quit()
    return 0
