"""`polylsp lsp`: serve an editor."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from typing import BinaryIO

from polylsp.errors import PolyError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stdio", action="store_true", help="talk over standard input and output (the default)"
    )
    parser.add_argument(
        "--tcp",
        metavar="HOST:PORT",
        help="wait for one client there instead; port 0 takes a free one",
    )
    parser.add_argument(
        "--log",
        default="info",
        choices=("debug", "info", "warning", "error"),
        help="how much to log on standard error (source text at debug only)",
    )
    parser.epilog = (
        "Editors start this command; there is nothing to see when it runs in a terminal.\n"
        "How to set your editor up: docs/editors.md. Settings: docs/configuration.md."
    )


def run(options: argparse.Namespace) -> int:
    from polylsp.lsp.server import log_to_stderr, serve

    log_to_stderr(options.log)
    if options.tcp:
        with _accept(options.tcp) as client:
            code = serve(client.makefile("rb"), client.makefile("wb"))
    else:
        code = serve(*_standard_streams())
    # The engine thread may be inside the runtime; it has nothing to finish.
    sys.stderr.flush()
    os._exit(code)


def _standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output, the latter for us alone: whatever else prints goes to standard error."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return sys.stdin.buffer, output


def _accept(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        raise PolyError(f"{address!r} is not HOST:PORT, as in 127.0.0.1:8080")
    try:
        with socket.create_server((host.strip("[]") or "127.0.0.1", int(port))) as listening:
            name, number = listening.getsockname()[:2]
            print(f"polylsp: waiting for a client at {name}:{number}", file=sys.stderr, flush=True)
            return listening.accept()[0]
    except OSError as error:
        raise PolyError(f"cannot listen at {address}: {error}") from error
