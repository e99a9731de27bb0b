"""`polylsp train tokenizer`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from polylsp.errors import PolyError

HELP = "make a tokenizer, or compare some"
DESCRIPTION = """\
Make a byte-level tokenizer from a corpus's training text; or, with --compare, tell how many bytes a
token of each given one has on the corpus's validation text. A model is bound to its tokenizer: another
one means training from the start.
"""
EPILOG = """\
examples:
  polylsp train tokenizer corpus own/tokenizer.json --size 24576
  polylsp train tokenizer corpus theirs/tokenizer.json --polycoder
  polylsp train tokenizer corpus --compare own/tokenizer.json theirs/tokenizer.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("corpus", type=Path, help="the corpus's folder")
    parser.add_argument("out", type=Path, nargs="?", help="the tokenizer.json to write")
    parser.add_argument(
        "--polycoder",
        action="store_true",
        help="write PolyCoder's, with all of its merges and our special tokens, instead of a new one",
    )
    parser.add_argument(
        "--size", type=int, default=16_384, metavar="N", help="tokens (default: 16384)"
    )
    parser.add_argument(
        "--compare", type=Path, nargs="+", default=[], metavar="FILE", help="tokenizer.json files"
    )
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")


def run(options: argparse.Namespace) -> int:
    from polylsp.train import bpe, choose

    if not options.out and not options.compare:
        raise PolyError("say what to write, or what to compare (--compare FILE …)")
    if options.out:
        if not 512 <= options.size <= 65_536:
            raise PolyError("--size is to be from 512 to 65536")
        if options.polycoder:
            bpe.polycoder(options.out)
        else:
            bpe.make(options.corpus, options.out, options.size, choose.WEIGHTS)
        print(options.out)
    report = {str(one): bpe.bytes_per_token(options.corpus, one) for one in options.compare}
    if options.json:
        print(json.dumps(report, indent=2))
        return 0
    for name, rates in report.items():
        mean = sum(rates.values()) / max(1, len(rates))
        each = "  ".join(f"{language} {rate:.2f}" for language, rate in rates.items())
        print(f"{name}: {mean:.3f} bytes a token ({each})")
    return 0
