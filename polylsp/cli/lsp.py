"""`polylsp lsp`: serve an editor."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path
from typing import BinaryIO

from polylsp.errors import PolyError

# Seconds until a thread that waits for the interpreter's lock is given it. The default is 5 ms: as long would an
# answer wait that is known already, while the engine computes.
_SWITCH = 0.0005


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
    parser.add_argument(
        "--log-file",
        metavar="FILE",
        type=Path,
        help="log there instead; begun anew at the start of a server that finds it over a megabyte",
    )
    parser.epilog = (
        "Editors start this command; there is nothing to see when it runs in a terminal.\n"
        "How to set your editor up: docs/editors.md. Settings: docs/configuration.md."
    )


def run(options: argparse.Namespace) -> int:
    from polylsp.lsp.power import step_back
    from polylsp.lsp.serve import log_to, serve

    streams = _socket_streams(options.tcp) if options.tcp else _standard_streams()
    log = log_to(options.log_file, options.log)
    step_back()
    sys.setswitchinterval(_SWITCH)
    # There is nothing to save, and an exception may be raised where somebody catches it.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    code = serve(*streams)
    with contextlib.suppress(OSError):  # Nobody reads it any more.
        log.close()
    # The engine thread may be inside the runtime; it has nothing to finish.
    os._exit(code)


def _standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output, the latter for us alone: whatever else prints goes to standard error.

    Opening a descriptor as binary makes it so on Windows as well, where a copy may translate line ends.
    """
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return sys.stdin.buffer, output


def _socket_streams(address: str) -> tuple[BinaryIO, BinaryIO]:
    """The first client's, once there is one. Raises PolyError where nobody can be waited for."""
    host, port = parse_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as listening:
            name, number = listening.getsockname()[:2]
            print(f"polylsp: waiting for a client at {name}:{number}", file=sys.stderr, flush=True)
            client = listening.accept()[0]
    except OSError as error:
        raise PolyError(f"cannot listen at {address}: {error}") from error
    return client.makefile("rb"), client.makefile("wb")


def parse_address(address: str) -> tuple[str, int]:
    """Host and port of HOST:PORT; this machine alone if no host is named. Raises PolyError."""
    host, _, port = address.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise PolyError(f"{address!r} is not HOST:PORT, as in 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)
