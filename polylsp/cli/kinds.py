"""Commands that measure one of several kinds: a module says what it is asked, what it measures, how that looks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from types import ModuleType


def add_arguments(parser: argparse.ArgumentParser, modules: Mapping[str, ModuleType]) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for name, module in modules.items():
        kind = kinds.add_parser(name, help=module.HELP, description=module.DESCRIPTION)
        module.add_arguments(kind)
        kind.add_argument("--json", action="store_true", help="print the report as JSON")
        kind.add_argument("--check", action="store_true", help="exit with 1 if a claim falls short")


def run(options: argparse.Namespace, modules: Mapping[str, ModuleType]) -> int:
    """1 where a claim falls short and that was to be checked, else 0."""
    module = modules[options.kind]
    report = module.measure(options)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        module.show(report)
        for line in report["summary"]:
            print(line)
    short = [claim["id"] for claim in report["claims"] if not claim["holds"]]
    return 1 if options.check and short else 0
