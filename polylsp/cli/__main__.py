"""Which command is meant. Each is imported only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from polylsp import __version__
from polylsp.errors import PolyError

_COMMANDS = {
    "lsp": "serve an editor (the Language Server Protocol)",
    "complete": "complete at a place in a file, and tell how",
    "demo": "see what an editor would show, through the real server",
    "doctor": "what is installed, what works, what to do about the rest",
    "models": "the models that can be used",
    "index": "remember a folder's code, as servers do by themselves",
    "stats": "what became of the suggestions you were shown",
    "clean": "delete what polylsp keeps on this machine",
    "export": "turn a checkpoint into a model folder",
    "train": "make a model: tokens, training, checkpoints",
    "bench": "measure speed",
    "eval": "measure how good what is said is",
    "corpus": "make a corpus to train on: licensed, clean, without what is tested on",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 not, 2 not understood."""
    parser = argparse.ArgumentParser(
        prog="polylsp", description="Private inline code completion for every LSP editor."
    )
    parser.add_argument("--version", action="version", version=f"polylsp {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = next((one for one in given if not one.startswith("-")), None)
    for name, about in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == asked:
            module = importlib.import_module(f"polylsp.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    options = parser.parse_args(given)
    try:
        return int(options.run(options))
    except PolyError as error:
        print(f"polylsp: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # What reads our output, `head` perhaps, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
