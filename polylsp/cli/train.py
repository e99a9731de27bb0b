"""`polylsp train`: make a model. What can be asked of it is a module of `cli/training/` each."""

from __future__ import annotations

import argparse

from polylsp.cli.training import decay, export, go, plot, tokenizer, tokens

_STEPS = {
    "tokens": tokens,
    "run": go,
    "decay": decay,
    "export": export,
    "plot": plot,
    "tokenizer": tokenizer,
}
_EPILOG = """\
from a corpus to a model:
  polylsp train tokens corpus tokens --config mini      what is trained on
  polylsp train run run --config mini --tokens tokens   train; the same command goes on
  polylsp train decay run cut --steps 500               let the rate fall: a finished model
  polylsp train export cut model                        a Hugging Face folder
  polylsp export model embedded                         what polylsp runs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    for name, module in _STEPS.items():
        step = steps.add_parser(
            name,
            help=module.HELP,
            description=module.DESCRIPTION,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(step)


def run(options: argparse.Namespace) -> int:
    return int(_STEPS[options.step].run(options))
