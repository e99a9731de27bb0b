"""`polylsp eval`: measure how good what is said is.

A kind of measurement is a module of `cli/evals/`: what it is asked, what it measures, how it is shown.
"""

from __future__ import annotations

import argparse
import json

from polylsp.cli.evals import memory

_KINDS = {"memory": memory}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for name, module in _KINDS.items():
        kind = kinds.add_parser(name, help=module.HELP, description=module.DESCRIPTION)
        module.add_arguments(kind)
        kind.add_argument("--json", action="store_true", help="print the report as JSON")
        kind.add_argument("--check", action="store_true", help="exit with 1 if a claim falls short")


def run(options: argparse.Namespace) -> int:
    module = _KINDS[options.kind]
    report = module.measure(options)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        module.show(report)
        for line in report["summary"]:
            print(line)
    short = [claim["id"] for claim in report["claims"] if not claim["holds"]]
    return 1 if options.check and short else 0
