"""`polylsp bench`: measure speed, each figure beside its baseline."""

from __future__ import annotations

import argparse
import json
import sys
import sysconfig
from pathlib import Path
from typing import Any

from polylsp.errors import PolyError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    keystroke = kinds.add_parser(
        "keystroke",
        help="type a file key by key, asking at each",
        description="Type a real file into a real server, one character at a time, asking at each key; "
        "and the same requests of a server without caches.",
    )
    keystroke.add_argument(
        "file",
        nargs="?",
        type=Path,
        help="what to type (default: queue.py of Python's own library)",
    )
    keystroke.add_argument("--model", default="embedded", help="a model's name or folder")
    keystroke.add_argument(
        "--sampled", type=int, default=400, metavar="N", help="requests to repeat without caches"
    )
    replay = kinds.add_parser(
        "replay",
        help="type files, accept what is right, count what that was worth",
        description="Type real files into a real server, take every suggestion that is what the file says, "
        "and count how much was completed and how often a wrong one was shown.",
    )
    replay.add_argument("paths", nargs="+", type=Path, help="source files, or folders of them")
    replay.add_argument("--model", default="embedded", help="a model's name or folder")
    replay.add_argument(
        "--confidence", default="balanced", choices=("quiet", "balanced", "eager"), help="how sure"
    )
    replay.add_argument(
        "--files", type=int, default=4, metavar="N", help="of each language (default: 4)"
    )
    replay.add_argument(
        "--characters", type=int, default=900, metavar="N", help="of each file (default: 900)"
    )
    lookup = kinds.add_parser(
        "lookup",
        help="complete blocks with and without guessing ahead",
        description="Cut real files where a block opens, let the model complete it with and without "
        "guessing what repeats, and compare answers, passes of the model and time.",
    )
    lookup.add_argument("paths", nargs="+", type=Path, help="source files, or folders of them")
    lookup.add_argument("--model", default="embedded", help="a model's name or folder")
    lookup.add_argument(
        "--files", type=int, default=6, metavar="N", help="of each language (default: 6)"
    )
    lookup.add_argument(
        "--positions", type=int, default=500, metavar="N", help="blocks in all (default: 500)"
    )
    for kind in (keystroke, replay, lookup):
        kind.add_argument("--json", action="store_true", help="print the report as JSON")
        kind.add_argument("--check", action="store_true", help="exit with 1 if a claim falls short")


def run(options: argparse.Namespace) -> int:
    measured, show = {
        "keystroke": (_keystroke, _show_keystroke),
        "replay": (_replay, _show_replay),
        "lookup": (_lookup, _show_lookup),
    }[options.kind]
    report = measured(options)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    short = [claim["id"] for claim in report["claims"] if not claim["holds"]]
    return 1 if options.check and short else 0


def _keystroke(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench.keystroke import measure
    from polylsp.syntax.languages import identify

    file = options.file or Path(sysconfig.get_path("stdlib")) / "queue.py"
    try:
        text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PolyError(f"{file} cannot be read: {error}") from error
    language = identify("", file.name, text)
    if not language:
        raise PolyError(f"{file} is in none of the twelve languages")

    settings = {"model": options.model}
    report = measure(text, language, settings, sampled=options.sampled, say=_say)
    print(file=sys.stderr)
    return {**report, "file": file.name}


def _replay(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench.replay import measure

    files = _files(options)
    settings = {"model": options.model, "suggest": {"confidence": options.confidence}}
    report = measure(files, settings, characters=options.characters, say=_say)
    print(file=sys.stderr)
    return report


def _lookup(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench.lookup import measure

    report = measure(_files(options), options.model, positions=options.positions, say=_say)
    print(file=sys.stderr)
    return report


def _files(options: argparse.Namespace) -> dict[str, list[Path]]:
    from polylsp.bench.replay import choose

    files = choose(options.paths, options.files)
    if not files:
        paths = ", ".join(map(str, options.paths))
        raise PolyError(
            f"{paths}: no hand-written source file of 3 to 60 kB in the twelve languages"
        )
    return files


def _say(line: str) -> None:
    """Progress, on one line."""
    print(f"\r{line:40}", end="", file=sys.stderr, flush=True)


def _show_replay(report: dict[str, Any]) -> None:
    print(f"{report['model']}, {report['files']} files")
    for language, row in {**report["languages"], "mean": report["mean"]}.items():
        print(
            f"{language:12} completed {row['completed']:6.1%}  net saved {row['net_saved']:6.1%}  "
            f"wrong {row['wrong']:6.1%} of shown  shown {row['shown_per_100']:5.2f} per 100 characters"
        )
    for line in report["summary"]:
        print(line)


def _show_lookup(report: dict[str, Any]) -> None:
    print(f"{report['model']}, {report['files']} files")
    for language, row in {**report["languages"], "all": report["all"]}.items():
        print(
            f"{language:12} {row['blocks']:4} blocks  {row['tokens']:6} tokens  "
            f"passes ÷ {row['pass_ratio']:5.2f}  time ÷ {row['time_ratio']:5.2f} "
            f"(median {row['median_time_ratio']:5.2f})  identical {row['identical']:.1%}"
        )
    for line in report["summary"]:
        print(line)


def _show_keystroke(report: dict[str, Any]) -> None:
    print(f"{report['file']}: {report['lines']} lines, {report['characters']} characters")
    for name in ("with_caches", "same_requests_with_caches", "same_requests_without"):
        row = report[name]
        print(
            f"{name:26} {row['requests']:6} requests  p50 {row['p50_ms']:8.2f} ms  "
            f"p95 {row['p95_ms']:8.2f} ms  model p50 {row['model_p50_ms']:8.2f} ms  "
            f"hits {row['hits']:5} (p95 {row['hits_p95_ms']:.2f} ms)  "
            f"reused {row['reused_share']:.1%}"
        )
    for line in report["summary"]:
        print(line)
