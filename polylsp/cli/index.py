"""`polylsp index`: have a folder's code remembered, see what is, and delete it."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polylsp.errors import PolyError

if TYPE_CHECKING:
    from polylsp.workspace.index import Index, Updated
    from polylsp.workspace.update import Progress

_EPILOG = """\
What is typed next often stands somewhere in your own code. A server looks there with every token, in an
index of the workspace that it makes while nothing is typed and keeps up to date by itself; this command
does it at once. An index is for one folder and one model's tokenizer.

Remembered is source in the languages that polylsp completes. Left out are what .gitignore names, files
that hold secrets, keys and passwords within source, hidden folders, build output, what is installed
(unless the setting `memory.dependencies` is on), generated and minified files, binaries, files over 1 MB,
and symbolic links.

Indexes lie in your cache folder, readable by you alone (POLYLSP_INDEX names another folder). Together they
take what the setting `memory.megabytes` allows, and the least recently used go first. Nothing of it leaves
this machine, and anything of it may be deleted at any time.

examples:
  polylsp index                            index this folder, or bring its index up to date
  polylsp index src --model smollm2-135m   a folder, as another model reads it
  polylsp index --status                   every index on this machine
  polylsp index --status .                 this folder's
  polylsp index --clear .                  delete this folder's
  polylsp index --clear --yes              delete them all
  polylsp index --json                     what it took, for programs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="the folder (default: this one)"
    )
    parser.add_argument(
        "--model", default="embedded", help="whose tokenizer to use (default: embedded)"
    )
    parser.add_argument(
        "--dependencies", action="store_true", help="remember what is installed in it, too"
    )
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--status", action="store_true", help="tell what is remembered")
    doing.add_argument("--clear", action="store_true", help="delete what is remembered")
    parser.add_argument("--yes", action="store_true", help="delete all indexes without asking")
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(options: argparse.Namespace) -> int:
    if options.status:
        return _status(options)
    return _clear(options) if options.clear else _update(options)


def _update(options: argparse.Namespace) -> int:
    from polylsp.cli.watching import Watch
    from polylsp.config import MemoryConfig
    from polylsp.workspace.index import Index

    root = _folder(options.path or Path())
    tokenizer = _tokenizer(options.model)
    config = MemoryConfig(dependencies=options.dependencies)
    index = Index(root, tokenizer, config)
    with Watch() as watch:
        updated = index.update(lambda: False, _show if sys.stderr.isatty() else lambda _: None)
    _wipe()
    if updated.busy:
        raise PolyError(f"another process is indexing {root}: it needs no second one")
    if updated.problem:
        raise PolyError(updated.problem)
    started = time.perf_counter()
    index = Index(root, tokenizer, config)
    ready = time.perf_counter() - started
    if options.json:
        print(json.dumps(_report(index, options.model, updated, watch.figures(), ready), indent=2))
        return 0
    figures = index.status()
    print(
        f"{figures['root']} is remembered: {_held(figures)}, {_megabytes(figures['disk'])} on disk"
    )
    print(f"{updated.read} files were new or had changed; {watch.figures()['seconds']:.1f} s")
    return 0


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise PolyError(f"{path} is no folder: name one whose code is to be remembered")
    return path.resolve()


def _tokenizer(model: str) -> Any:
    """A model's tokenizer, without its weights. Raises ModelError."""
    from polylsp.config import EngineConfig
    from polylsp.models.resolve import resolve
    from polylsp.prompt.tokenizer import Tokenizer

    return Tokenizer(resolve(model, EngineConfig(), _say).folder / "tokenizer.json")


def _report(
    index: Index, model: str, updated: Updated, took: dict[str, float], ready: float
) -> dict[str, Any]:
    return {
        **index.status(),
        "model": model,
        "read": updated.read,
        **took,
        "ready_milliseconds": round(1000 * ready, 1),
    }


def _status(options: argparse.Namespace) -> int:
    rows = _chosen(options.path)
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["used"]))
        print(f"{row['root'] or 'unfinished'}: {_held(row)}")
        print(f"  {_megabytes(row['disk'])} in {row['folder']}, used {used}")
    if not rows:
        print(
            f"nothing is remembered{f' of {options.path}' if options.path else ''}: polylsp index"
        )
    return 0


def _clear(options: argparse.Namespace) -> int:
    from polylsp.workspace import shelf

    rows = _chosen(options.path)
    agreed = options.yes or options.path is not None or not rows
    if not agreed and sys.stdin.isatty():
        print(f"delete {_count(len(rows), 'index', 'indexes')}? [y/N] ", end="", file=sys.stderr)
        sys.stderr.flush()
        agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not agreed:
        _say("nothing was deleted: run this again with --yes, or with a folder")
        return 1
    for row in rows:
        shelf.delete(Path(row["folder"]))
    if options.json:
        print(json.dumps({"deleted": rows}, indent=2))
    else:
        freed = _megabytes(sum(row["disk"] for row in rows))
        print(f"{_count(len(rows), 'index', 'indexes')} deleted: {freed} are free again")
    return 0


def _chosen(path: Path | None) -> list[dict[str, Any]]:
    """What is known of a folder, whatever its tokenizer; of all where none is named."""
    from polylsp.workspace.library import known

    return [one for one in known() if path is None or one["root"] == str(path.resolve())]


def _held(figures: dict[str, Any]) -> str:
    files = _count(figures["files"], "file", "files")
    return f"{files}, {figures['lines']:,} lines, {figures['tokens']:,} tokens"


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _show(progress: Progress) -> None:
    """One line that is written over."""
    width = shutil.get_terminal_size().columns - 1
    line = f"{progress.done + 1}/{progress.total} {progress.file}"
    print(f"\r\x1b[2K{line[:width]}", end="", file=sys.stderr, flush=True)


def _wipe() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
