"""`polylsp corpus`: from a recipe to text that a model may learn from."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError

_TERMINATED = 143  # As shells tell it.
_BUILD = """\
Build a corpus from a recipe: fetch the packages it names with this machine's own apt-get, pip and npm
(nothing of theirs is run), and keep what is source of the twelve languages, under a permissive licence,
written by people, not met before, without secrets, and no part of a benchmark or of what is held out.

Every file seen stands in OUT/manifest.jsonl.gz with what was decided; OUT/report.md counts the steps.
The same recipe gives the same bytes, however many work on it. What is interrupted goes on when it is
asked for again. A package that cannot be had is said, counted, and asked for again next time.
"""
_BUILD_EPILOG = """\
examples:
  polylsp corpus build corpus                                the shipped recipe: 9 GB of packages on disk
  polylsp corpus recipe > my.toml                            a recipe to begin with
  polylsp corpus build corpus --recipe my.toml --workers 8
  polylsp corpus build /shared/corpus --recipe my.toml --workers 200 --cluster slurm \\
      --option partition=cpu --option time=20:00:00 --option mem_per_cpu_gb=4
"""
_VERIFY = """\
Read a whole corpus again: that its files are those of the report, every text the one that its hash and
the manifest tell, every licence permissive; that no package is held out or on both sides of the split,
no text part of a benchmark or nearly a file that is held out, and no secret in any. Exits with 1 where
something is wrong.
"""
_GUARD = """\
Make numbers of texts that no corpus may hold, to be named under [keep-out] guards in a recipe: a
benchmark's tasks (.jsonl, .jsonl.gz) by their runs of ten words, files of folders and packages by what
they are like. The texts cannot be read from them.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="WHAT", required=True)
    _add_build(kinds.add_parser("build", help="make a corpus", **_described(_BUILD, _BUILD_EPILOG)))
    stats = kinds.add_parser(
        "stats", help="what is in a corpus", **_described("What is in a corpus.")
    )
    verify = kinds.add_parser("verify", help="read it again, and check", **_described(_VERIFY))
    for one in (stats, verify):
        one.add_argument("corpus", type=Path, metavar="CORPUS", help="the folder it was built in")
        one.add_argument("--json", action="store_true", help="print it as JSON")
    kinds.add_parser(
        "recipe", help="print the shipped recipe", **_described("Print the shipped recipe.")
    )
    guard = kinds.add_parser("guard", help="numbers of what must stay out", **_described(_GUARD))
    guard.add_argument("sources", nargs="*", metavar="SOURCE", help="files, folders or packages")
    guard.add_argument("--set", choices=("development", "test"), help="the packages held out")
    guard.add_argument(
        "--to", type=Path, metavar="FILE.npz", required=True, help="write them there"
    )


def _described(text: str, epilog: str = "") -> dict[str, Any]:
    return {
        "description": text,
        "epilog": epilog,
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder for the corpus")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="(default: the shipped one)")
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="tasks that run at once (default: 2)"
    )
    parser.add_argument(
        "--packages", type=Path, metavar="FOLDER", help="keep packages there (default: your cache)"
    )
    parser.add_argument(
        "--keep-work", action="store_true", help="keep what tasks left for each other"
    )
    parser.add_argument("--cluster", choices=("slurm", "ray"), help="run the tasks there")
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for the cluster's executor, as datatrove calls it",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    """1 where what is verified is not in order, else 0."""
    return _KINDS[options.kind](options)


def _build(options: argparse.Namespace) -> int:
    from polylsp.corpus import recipe

    made = recipe.read(options.recipe)
    if options.workers < 1:
        raise PolyError("--workers counts processes: give 1 or more")
    for name in ("datatrove", "matplotlib"):
        if importlib.util.find_spec(name) is None:
            raise PolyError(f"building a corpus needs {name}: pip install 'polylsp[corpus]'")
    from polylsp.corpus import build, executors

    shelf = options.packages.absolute() if options.packages else None
    plan = build.Plan(made, options.out.absolute(), options.workers, shelf, options.keep_work)
    if options.cluster:
        cluster = executors.Cluster(options.cluster, dict(map(_option, options.option)))
        build.send(plan, cluster)
        print(f"the tasks are with {options.cluster}; what they say is in {plan.logs}")
        return 0
    since = time.monotonic()
    with _ended_in_order():
        built = build.build(plan, _progress())
    if sys.stderr.isatty() or built:
        print(file=sys.stderr)
    print(f"{time.monotonic() - since:.0f} s" if built else "whole already", file=sys.stderr)
    return _stats(argparse.Namespace(corpus=options.out, json=options.json))


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Asked to end, end as with Ctrl-C: workers and what connects them are ended first."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _option(text: str) -> tuple[str, Any]:
    name, mark, value = text.partition("=")
    if not mark:
        raise PolyError(f"--option {text}: write NAME=VALUE")
    return name, int(value) if value.isdigit() else value


def _progress() -> Callable[[str], None]:
    """One line, written over; to the terminal as it is now: while tasks run, theirs is another."""
    stream = sys.stderr

    def say(line: str) -> None:
        print(f"\r{line:60}", end="", file=stream, flush=True)

    return say


def _stats(options: argparse.Namespace) -> int:
    from polylsp.corpus.verify import read_report

    found = read_report(options.corpus)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    kept, missing = found["kept"], found["sources"]["missing"]
    print(f"{kept['files']:,} files, {_megabytes(kept)} MB, of {len(found['packages'])} packages")
    for name, one in found["languages"].items():
        aside = _megabytes(one["validation"])
        print(
            f"{name:12} {one['files']:8,} files {_megabytes(one):>7} MB, {aside:>5} to validate with, "
            f"{one['share']:6.1%} of what is drawn"
        )
    print("dropped: " + ", ".join(_dropped(found["steps"])))
    print("mended: " + ", ".join(f"{name} {number:,}" for name, number in found["changes"].items()))
    print(f"licences: {', '.join(list(found['licences'])[:12])}")
    for name, why in missing.items():
        print(f"could not be had: {name}: {why}")
    return 0


def _dropped(steps: list[dict[str, Any]]) -> list[str]:
    rows = [(one["step"], one["dropped"]) for one in steps if one["dropped"]["files"]]
    return [f"{step} {some['files']:,} files ({_megabytes(some)} MB)" for step, some in rows]


def _megabytes(sums: dict[str, int]) -> str:
    return f"{sums['bytes'] / 1e6:.1f}"


def _verify(options: argparse.Namespace) -> int:
    from polylsp.corpus.verify import verify

    found = verify(options.corpus, _progress())
    print(file=sys.stderr)
    if options.json:
        print(json.dumps(found.data(), indent=2))
    else:
        print(f"{found.documents:,} documents read")
        for kind, some in found.problems.items():
            print(f"{kind}: {len(some)}, first {some[0]}")
        if not found.problems:
            print("all in order")
    return 1 if found.problems else 0


def _recipe(_: argparse.Namespace) -> int:
    from polylsp.corpus.recipe import shipped

    print(shipped(), end="")
    return 0


def _guard(options: argparse.Namespace) -> int:
    from polylsp.corpus import guarding

    said = guarding.make(options.sources, options.set, options.to, _progress())
    print(file=sys.stderr)
    print(said)
    return 0


_KINDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "build": _build,
    "stats": _stats,
    "verify": _verify,
    "recipe": _recipe,
    "guard": _guard,
}
