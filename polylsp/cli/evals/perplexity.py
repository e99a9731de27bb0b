"""`polylsp eval perplexity`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from polylsp.cli.benches import common
from polylsp.cli.evals import common as evals
from polylsp.errors import PolyError

HELP = "how well a model foretells whole files: bits per byte, PolyCoder's perplexity"
DESCRIPTION = """\
Read files that are held out, and measure what they cost the model: in bits per byte, and as PolyCoder
was published, in perplexity by Pygments' tokens. Both come from the same windows of 1,024 tokens, an
end of text before each file. A later model is compared with the bootstrap, the first one that shipped,
on the very texts that the bootstrap was measured on.

--whole reads all of every source file there is: for the test set that PolyCoder was published with.
"""
EPILOG = """\
examples:
  polylsp eval perplexity --set test --check --append reports.jsonl
  polylsp eval perplexity --set test --model embedded smollm2-135m --keep /tmp/read
  polylsp eval perplexity Code-sampled100 --whole --model NinedayWang/PolyCoder-2.7B
  polylsp eval perplexity --set test --losses losses.jsonl   what each file costs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    evals.add_read(parser)
    parser.add_argument(
        "--files", type=int, default=8, metavar="N", help="of each language (default: 8)"
    )
    parser.add_argument(
        "--characters",
        type=int,
        default=8000,
        metavar="N",
        help="of each file, from its start; 0 for all of it (default: 8000)",
    )
    parser.add_argument(
        "--whole", action="store_true", help="all of every source file, however long or generated"
    )
    parser.add_argument(
        "--no-words", action="store_true", help="count no Pygments tokens: bits per byte alone"
    )
    parser.add_argument(
        "--losses", type=Path, metavar="FILE", help="write what each file costs the first model"
    )
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="such a file to compare with (the bootstrap's)"
    )
    evals.add_kept(parser)
    evals.add_append(parser)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from polylsp.evals.perplexity import losses, words
    from polylsp.evals.perplexity.measure import Evaluation, Plan

    _check(options)
    if not options.no_words:
        words.count("python", "")  # Before all the reading, not behind it.
    plan = Plan(options.files, options.characters, options.whole, not options.no_words)
    found = evals.sources(options)
    against = options.against or losses.BOOTSTRAP
    work = Evaluation(plan, options.keep, against, common.say)
    texts = work.texts(found.folders)
    read = dict(work.read(name, texts) for name in options.model)
    common.end()
    if options.losses:
        try:
            losses.write(next(iter(read.values())), options.losses)
        except OSError as error:
            raise PolyError(f"{options.losses} cannot be written: {error}") from error
    report = evals.dated(work.report(read, found.names), options.append)
    if options.plot:
        from polylsp.evals.perplexity.picture import draw

        draw(report, options.plot)
    return report


def _check(options: argparse.Namespace) -> None:
    if options.files < 1 or options.characters < 0:
        raise PolyError("--files and --characters count: give numbers above 0")
    if options.against and not options.against.is_file():
        raise PolyError(f"{options.against}: there is no such file; `--losses` writes one")
    evals.check_append(options.append)
    if options.plot:
        from polylsp.evals.picture import check

        check(options.plot)


def show(report: dict[str, Any]) -> None:
    from polylsp.evals.perplexity.table import table

    print(table(report))
