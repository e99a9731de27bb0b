"""`polylsp models`: which models can be used."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys

from polylsp.errors import ModelError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list",
        help="what is known of each",
        description="The model that ships with polylsp, and any folders given: size, context, licence.",
    )
    listing.add_argument("folders", nargs="*", help="model folders that `polylsp export` wrote")
    listing.add_argument("--json", action="store_true", help="print as JSON")


def run(options: argparse.Namespace) -> int:
    from polylsp.models.registry import card

    cards, problems = [], []
    for spec in ("embedded", *options.folders):
        try:
            cards.append(card(spec))
        except ModelError as error:
            problems.append(str(error))
    if options.json:
        rows = [{**dataclasses.asdict(one), "folder": str(one.folder)} for one in cards]
        print(json.dumps(rows, indent=2))
    else:
        for one in cards:
            fills = "fills in the middle" if one.fills else "left to right"
            print(
                f"{one.name:20} {one.parameters / 1e6:8.1f} M parameters  "
                f"context {one.context:5}  {one.weights:9} {one.megabytes:7.1f} MB  "
                f"{one.licence:10}  {fills}\n{'':20} {one.folder}"
            )
    for problem in problems:
        print(f"polylsp: {problem}", file=sys.stderr)
    return 1 if problems else 0
