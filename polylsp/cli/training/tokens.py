"""`polylsp train tokens`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from polylsp.cli.training import common
from polylsp.errors import PolyError
from polylsp.train import config

HELP = "a corpus → what is trained on"
DESCRIPTION = """\
Turn a corpus (what `polylsp corpus build` leaves) into tokens: files drawn by the weights of their
languages, half of them cut up to fill in the middle where an editor would ask, half with their path,
shuffled, in pieces of at most 16 MB. The same input and settings give the same bytes.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", type=Path, help="the corpus's folder")
    parser.add_argument("tokens", type=Path, help="the folder to write to; must be empty or new")
    common.add_configuration(parser, "mini")
    parser.add_argument(
        "--tokenizer",
        type=Path,
        metavar="FILE",
        help="a tokenizer.json, or a folder with one (default: the embedded model's)",
    )
    parser.add_argument(
        "--count", type=int, metavar="N", help="tokens to draw (default: as configured)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        help="processes (default: one a processor)",
    )
    parser.add_argument("--json", action="store_true", help="print the manifest as JSON")


def run(options: argparse.Namespace) -> int:
    from polylsp.models.resolve import EMBEDDED
    from polylsp.train import tokens

    found = common.changed(config.load(options.config), options.set)
    data = found.data
    if options.count is not None:
        data = dataclasses.replace(data, tokens=options.count)
    if data.tokens < 1:
        raise PolyError("--count is to be above 0")
    tokenizer = options.tokenizer or EMBEDDED
    if tokenizer.is_dir():
        tokenizer /= "tokenizer.json"
    row = tokens.make(
        options.corpus, tokenizer, options.tokens, data, options.workers, common.say(options)
    )
    if options.json:
        print(json.dumps(row, indent=2))
    else:
        _show(row)
    return 0


def _show(row: dict[str, Any]) -> None:
    print(f"{'language':12} {'tokens':>13} {'share':>6} {'documents':>10} {'filled in':>10}")
    for language, one in row["languages"].items():
        print(
            f"{language:12} {one['tokens']:13,} {one['share']:6.3f} {one['documents']:10,}"
            f" {one['filled'] / one['tokens']:10.2f}"
        )
    print(f"{row['tokens']:,} tokens in {len(row['pieces'])} pieces")
