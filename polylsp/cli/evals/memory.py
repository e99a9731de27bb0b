"""`polylsp eval memory`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.cli.evals import common as evals
from polylsp.errors import PolyError

HELP = "what your own code adds to what a model knows"
DESCRIPTION = """\
Read stretches of files that are held out, with the rest of their packages remembered as a workspace
is (but for near twins of the file), and measure how well they are foretold: by the model alone, with
the document at hand, with everything. And what each source is worth, whether weights that learn while
one types are better than fixed ones, and what looking up costs on indexes of up to a million lines.

--fit fits the weights instead: how far each kind of match is to be trusted. Fit on the development
packages, report on the test packages.
"""
EPILOG = """\
examples:
  polylsp eval memory src                                   your own code
  polylsp eval memory --set test --plot memory.svg --check  the figures that are published
  polylsp eval memory --set test --model smollm2-135m --files 2
  polylsp eval memory --set test --keep /tmp/read --refit   each part left out, and fitted without it
  polylsp eval memory --set development --fit --write       the weights of one model, kept with it
  polylsp eval memory --set development --fit --model embedded smollm2-135m --to any.json
                                                            those of models that nobody measured
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    evals.add_read(parser)
    parser.add_argument(
        "--files", type=int, default=4, metavar="N", help="of each language (default: 4)"
    )
    parser.add_argument(
        "--tokens", type=int, default=400, metavar="N", help="of each file (default: 400)"
    )
    parser.add_argument(
        "--context",
        type=int,
        default=600,
        metavar="N",
        help="tokens before them that the model sees (default: 600)",
    )
    evals.add_kept(parser)
    parser.add_argument(
        "--refit",
        action="store_true",
        help="read the development packages, too, and fit to them without each part that is left out",
    )
    _add_fitting(parser.add_argument_group("fitting"))
    _add_cost(parser.add_argument_group("cost"))


def _add_fitting(group: Any) -> None:
    group.add_argument("--fit", action="store_true", help="fit the weights to these files")
    group.add_argument("--write", action="store_true", help="keep them in the model's folder")
    group.add_argument("--to", type=Path, metavar="FILE", help="write them there, as JSON")


def _add_cost(group: Any) -> None:
    group.add_argument(
        "--lines",
        type=int,
        nargs="+",
        default=[10_000, 100_000, 1_000_000],
        metavar="N",
        help="sizes of index to time (default: 10000 100000 1000000)",
    )
    group.add_argument("--no-cost", action="store_true", help="time nothing")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.evals import picture
    from polylsp.evals.measure import Evaluation
    from polylsp.evals.reading import Plan

    _check(options)
    if options.plot:
        picture.check(options.plot)  # Before all the reading, not behind it.
    held = _held(options.sources, options.set, options.files)
    work = Evaluation(Plan(options.tokens, options.context), options.keep, common.say)
    if options.fit:
        return _fit(work, held, options)
    development = _held([], "development", options.files) if options.refit else None
    lines = () if options.no_cost else tuple(sorted(options.lines))
    report = work.report(options.model, held, development, lines)
    common.end()
    if options.plot:
        picture.draw(report, options.plot)
    return report


def _check(options: argparse.Namespace) -> None:
    if (options.write or options.to) and not options.fit:
        raise PolyError("--write and --to keep what --fit finds: give it, too")
    if options.write and len(options.model) > 1:
        raise PolyError("--write is for one model; the weights of several go --to a file")
    if options.tokens < 1 or options.context < 1:
        raise PolyError("--tokens and --context count tokens: give numbers above 0")


def _held(asked: list[str], set_name: str | None, per_language: int) -> Any:
    from polylsp.evals.measure import Held
    from polylsp.sources import find as sources

    found = sources.find(asked, set_name, common.say_line)
    return Held(found.names, found.folders, common.files(found.folders, per_language))


def _fit(work: Any, held: Any, options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.models import mixtures
    from polylsp.models.mixtures import Mixture

    told, gate, model = work.fit(options.model, held)
    common.end()
    try:
        if options.write:
            # How often what comes out is right is another measurement: `bench calibrate --memory`.
            mixture = Mixture(gate, model.mixture.calibration)
            common.say_line(f"wrote {mixtures.write(model.folder, mixture, told)}")
        if options.to:
            text = json.dumps({"weights": gate.data(), "measured": told}, indent=1)
            options.to.write_text(text + "\n", encoding="utf-8")
            common.say_line(f"wrote {options.to}")
    except OSError as error:
        raise PolyError(f"the weights cannot be written: {error}") from error
    return {**told, "benchmark": "eval memory --fit", "claims": [], "summary": []}


def show(report: dict[str, Any]) -> None:
    for name, row in report["models"].items():
        if "languages" not in row:
            print(f"{name}: {_bits(row['bits_per_byte'])}, on the files that it was fitted to")
            continue
        print(f"{name}, {row['files']} files, {row['tokens']} tokens; bits per byte, exact match")
        for language, one in {**row["languages"], "mean": row["mean"]}.items():
            exact = one["exact_match"]
            print(
                f"{language:12} {_bits(one['bits_per_byte'])}  ÷ {one['gain']:.3f}   "
                f"lines right {exact['model']:6.1%} → {exact['everything']:6.1%}"
            )
        _show_parts(row)


def _bits(row: dict[str, float]) -> str:
    return f"{row['model']:.3f} → document {row['document']:.3f} → {row['everything']:.3f}"


def _show_parts(row: dict[str, Any]) -> None:
    fitted = ", fitted anew" if row["refitted"] else ""
    for name, one in row["without"].items():
        print(f"without {name:13} {one['bits_per_byte']:.3f}  ÷ {1 / one['over']:.4f}{fitted}")
    learning = row["learning"]
    print(
        f"weights that learn    {learning['bits_per_byte']:.3f}  ÷ {learning['gain']:.4f}, "
        f"worst language ÷ {learning['worst']:.4f}"
    )
    for lines, one in row.get("cost", {}).get("lines", {}).items():
        print(
            f"{int(lines):9,} lines: a line's token waits {_both(one, 'token')}, a block's "
            f"{_both(one, 'block_token')}; a look-up takes {_both(one, 'lookup')}; a key {_both(one, 'key')}"
        )


def _both(row: dict[str, float], what: str) -> str:
    return f"{row[f'{what}_p50_ms']:.2f} ms (p95 {row[f'{what}_p95_ms']:.2f})"
