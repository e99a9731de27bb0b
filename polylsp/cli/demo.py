"""`polylsp demo`: what an editor would show, printed, through the real server.

Types through a real source file and prints the first suggestions that come unasked, each with its latency
and with what the file says there; then one block, asked for by hand.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from polylsp.client.editor import AUTOMATIC, INVOKED, Editor
from polylsp.errors import PolyError

_LINES_ABOVE = 3
_LINE_END = "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", type=Path, help="a source file (default: one of polylsp's own)"
    )
    parser.add_argument("--model", default="embedded", help="a model's name or folder")
    parser.add_argument(
        "--count", type=int, default=5, help="how many suggestions to show (default: 5)"
    )


def run(options: argparse.Namespace) -> int:
    file = options.file or Path(__file__).parents[1] / "lsp" / "transport.py"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolyError(f"{file} cannot be read: {error}") from error
    started = time.perf_counter()
    editor = Editor({"model": options.model})
    try:
        status = editor.wait_until_ready()
        seconds = time.perf_counter() - started
        print(
            f"polylsp {status['version']}: server and model {status['model']} ready in {seconds:.1f} s"
        )
        print(f"typing {file}; {_ghost('suggestions look like this')}\n")
        uri = file.absolute().as_uri()
        editor.open(uri, "plaintext", "")
        latencies = _type_through(editor, uri, text, options.count)
        _block(editor, uri, text)
        if latencies:
            print(
                f"{len(latencies)} answers, half of them within {statistics.median(latencies):.0f} ms. "
                "Nothing left this machine."
            )
    finally:
        editor.quit()
    return 0


def _type_through(editor: Editor, uri: str, text: str, count: int) -> list[float]:
    """Show the first `count` suggestions that come unasked while `text` is typed; all latencies."""
    latencies: list[float] = []
    shown = accepted = 0
    for offset in _places(text):
        if shown == count:
            break
        if offset < accepted:
            continue
        editor.replace(uri, 0, len(editor.documents[uri]), text[:offset])
        texts, milliseconds = _timed(editor, uri, offset, AUTOMATIC)
        latencies.append(milliseconds)
        if texts:
            shown += 1
            _show(text[:offset], texts[0], milliseconds)
            if text.startswith(texts[0], offset):
                accepted = offset + len(texts[0])
                print("    so says the file\n")
            else:
                print(f"    the file: {text[offset : text.find(_LINE_END, offset)]!r}\n")
    return latencies


def _block(editor: Editor, uri: str, text: str) -> None:
    """Show what follows the last line that opens a block, asked for by hand."""
    headers = [at for at, line in _line_ends(text) if line.rstrip().endswith((":", "{"))]
    if not headers:
        return
    offset = headers[len(headers) // 2]
    editor.replace(uri, 0, len(editor.documents[uri]), text[:offset])
    texts, milliseconds = _timed(editor, uri, offset, INVOKED)
    if texts:
        print("asked by hand, for a block:\n")
        _show(text[:offset], texts[0], milliseconds)
        print()


def _timed(editor: Editor, uri: str, offset: int, trigger: int) -> tuple[list[str], float]:
    started = time.perf_counter()
    texts = editor.complete(uri, offset, trigger)
    return texts, (time.perf_counter() - started) * 1000


def _places(text: str) -> Iterator[int]:
    """Where a person might pause: behind the first word of a line, behind `(`, `=`, `.` and `,`."""
    for at, character in enumerate(text[:60_000]):
        if at > len(text) // 3 and character in " (=.," and not text[at - 1].isspace():
            yield at + 1


def _line_ends(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        at += len(line)
        yield at - 1, line


def _show(above: str, suggestion: str, milliseconds: float) -> None:
    lines = above.split("\n")
    for line in lines[-1 - _LINES_ABOVE : -1]:
        print(f"  │ {line}")
    first, *rest = suggestion.split("\n")
    print(f"  │ {lines[-1]}{_ghost(first)}   ({milliseconds:.0f} ms)")
    for line in rest:
        print(f"  │ {_ghost(line)}")


def _ghost(text: str) -> str:
    return f"\x1b[2;3m{text}\x1b[0m" if sys.stdout.isatty() else f"«{text}»"
