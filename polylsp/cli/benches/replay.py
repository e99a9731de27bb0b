"""`polylsp bench replay`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.errors import PolyError

HELP = "type files, accept what is right, count what that was worth, and how soon it came"
DESCRIPTION = """\
Type real files into a real server, take every suggestion that is what the file says, and measure
what that was worth. First steadily, where every key waits for its answer: how much was completed,
and how often a wrong suggestion was shown. Then in human time, as each editor would ask: how soon
suggestions come, counted from the key, and what that takes of the processor.

Human time takes its time: about four characters a second, for each client. --steady-only leaves it
out; --speed types faster than a person, where only counts matter.
"""
EPILOG = """\
examples:
  polylsp bench replay src                        your own code, steadily and in human time
  polylsp bench replay src --steady-only          how much would be completed: no waiting
  polylsp bench replay pypi:rich==15.0.0 npm:koa@3.3.0 debian:libevent
  polylsp bench replay --set test --files 2 --plot replay.svg --json --check
  polylsp bench replay --set test --steady-only --memory all --beside off --check
  polylsp bench replay src --rivals llamavim --weights model.gguf --model model.gguf
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    common.add_sources(parser, "files, folders, git checkouts")
    parser.add_argument("--model", default="embedded", help="a model's name or folder")
    parser.add_argument(
        "--confidence", default="balanced", choices=("quiet", "balanced", "eager"), help="how sure"
    )
    parser.add_argument(
        "--files", type=int, default=4, metavar="N", help="of each language (default: 4)"
    )
    parser.add_argument(
        "--characters", type=int, default=900, metavar="N", help="of each file (default: 900)"
    )
    parser.add_argument(
        "--accept",
        default="full",
        choices=("full", "line", "word"),
        help="take right suggestions whole (default), or also their first line, or also their first word",
    )
    parser.add_argument(
        "--memory",
        default="document",
        choices=("off", "document", "all"),
        help="what of your own code weighs in: nothing, the open file, or also the rest of its package, but for "
        "near twins of the file (default: document)",
    )
    parser.add_argument(
        "--beside",
        default="",
        choices=("off", "document", "all"),
        help="the steady run once more with this memory, to compare with",
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--steady-only", action="store_true", help="nothing in human time")
    only.add_argument("--timed-only", action="store_true", help="only what is in human time")
    parser.add_argument(
        "--whole-lines",
        action="store_true",
        help="the baseline of quality: the same model's whole lines, however unsure",
    )
    _add_timed(parser.add_argument_group("in human time"))
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw a page: .png, .svg or .pdf")


def _add_timed(timed: Any) -> None:
    timed.add_argument(
        "--client",
        nargs="+",
        default=["vscode", "neovim"],
        choices=("vscode", "neovim"),
        help="whose manners to ask with (default: both)",
    )
    timed.add_argument(
        "--timed-characters",
        type=int,
        default=300,
        metavar="N",
        help="of each file in human time (default: 300)",
    )
    timed.add_argument(
        "--rivals",
        nargs="+",
        default=[],
        choices=("llamavim", "naive"),
        help="the same weights under llama.cpp: by llama.vim's rules, or without any cache",
    )
    timed.add_argument(
        "--weights",
        type=Path,
        metavar="CHECKPOINT",
        help="the rivals' weights: a checkpoint's folder, made a GGUF file of 8 bits, or a .gguf file",
    )
    timed.add_argument("--work", type=Path, metavar="FOLDER", help="keep that GGUF file there")
    timed.add_argument("--threads", type=int, default=0, help="the rivals' (default: as ours)")
    timed.add_argument(
        "--speed", type=float, default=1.0, help="divides every delay of typist and client"
    )
    timed.add_argument(
        "--seed", type=int, default=7, help="of delays, typos and jumps (default: 7)"
    )
    timed.add_argument(
        "--delays",
        type=Path,
        metavar="FILE",
        help='delays as recorded: JSON lines, {"time": milliseconds} for each key',
    )


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.bench.replay import measure as replay
    from polylsp.bench.replay import picture
    from polylsp.sources import find as sources

    if options.plot:
        picture.check(options.plot)  # Before hours of typing, not behind them.
    found = sources.find(options.sources, options.set, common.say_line)
    files = common.files(found.folders, options.files)
    with tempfile.TemporaryDirectory() as temporary:
        plan = _plan(options, found.folders, common.work(options.work, temporary))
        if (minutes := replay.minutes(files, plan)) > 1:
            common.say_line(f"typing in human time will take about {minutes:.0f} minutes")
        report = {**replay.measure(files, plan, common.say), "sources": found.names}
    common.end()
    if options.plot:
        picture.draw(report, options.plot)
    return report


def _plan(options: argparse.Namespace, roots: list[Path], work: Path) -> Any:
    from polylsp.bench.replay.keys import recorded
    from polylsp.bench.replay.measure import Plan
    from polylsp.engine.load import default_threads

    if options.speed <= 0:
        raise PolyError("--speed divides delays: give a number above 0")
    timed = not options.steady_only
    return Plan(
        {"model": options.model, "suggest": {"confidence": options.confidence}},
        steady=not options.timed_only,
        whole_line=options.whole_lines,
        memory=options.memory,
        beside=options.beside,
        roots=tuple(roots),
        clients=tuple(dict.fromkeys(options.client)) if timed else (),
        rivals=tuple(dict.fromkeys(options.rivals)) if timed else (),
        gguf=_gguf(options, work) if timed and options.rivals else None,
        threads=options.threads or default_threads(),
        characters=options.characters,
        timed_characters=min(options.characters, options.timed_characters),
        rule=options.accept,
        speed=options.speed,
        seed=options.seed,
        delays=tuple(recorded(options.delays)) if options.delays else (),
    )


def _gguf(options: argparse.Namespace, work: Path) -> Path:
    """The rivals' weights, as llama.cpp reads them. Raises PolyError where there are none."""
    from polylsp.bench import builds

    source = options.weights
    if source is None:
        raise PolyError("--rivals run the same weights under llama.cpp: name them with --weights")
    made = builds.prepare(source, ["llama:q8_0"], work, 2048, common.say_line)
    if not made:
        raise PolyError("--rivals needs llama_cpp: pip install 'polylsp[gguf]'")
    return Path(made[0].path)


def show(report: dict[str, Any]) -> None:
    print(f"{report['model']}, {report['files']} files")
    for language, row in {**report.get("languages", {}), "mean": report.get("mean", {})}.items():
        if row:
            print(_quality(language, row))
    if beside := report.get("beside"):
        print(_quality(f"memory {beside['memory']}", beside["mean"]))
    if plain := report.get("whole_line"):
        print(_quality("whole lines", plain["mean"]))
    for name, row in report.get("timed", {}).items():
        print(_quality(name, row["mean"]))
        print(
            f"{'':12} key to item p50 {row['key_to_item_p50_ms']:.0f} ms p95 {row['key_to_item_p95_ms']:.0f} ms, "
            f"of which {row['client_delay_ms']:.0f} ms the client's own; "
            f"before the next key {_share(row, 'before_next_key')}; "
            f"without a pass {_share(row, 'without_a_pass')}; "
            f"{row.get('cpu_seconds_per_1000', 0):.2f} processor seconds per 1,000 characters"
        )


def _quality(name: str, row: dict[str, Any]) -> str:
    return (
        f"{name:12} completed {row['completed']:6.1%}  net saved {row['net_saved']:6.1%}  "
        f"wrong {row['wrong']:6.1%} of shown  shown {row['shown_per_100']:5.2f} per 100 characters"
    )


def _share(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.1%}" if name in row else "unknown"
