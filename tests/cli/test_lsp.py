"""How `polylsp lsp` is told where to talk. The rest needs a process of its own: tests/e2e."""

from __future__ import annotations

import argparse

import pytest

from polylsp.cli import lsp
from polylsp.errors import PolyError


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
        (":8080", ("127.0.0.1", 8080)),
        ("8080", ("127.0.0.1", 8080)),
    ],
)
def test_an_address_is_a_host_and_a_port(address: str, meant: tuple[str, int]) -> None:
    assert lsp.parse_address(address) == meant


@pytest.mark.parametrize(
    "address",
    ["", ":", "host", "host:", "host:port", "host:-1", "host:65536", "host:²", "host:1.5"],
)
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(PolyError, match=r"HOST:PORT, as in 127\.0\.0\.1:8080"):
        lsp.parse_address(address)


def test_an_address_that_cannot_be_listened_at_is_no_traceback() -> None:
    # TEST-NET-1: an address that no machine has.
    with pytest.raises(PolyError, match=r"cannot listen at 192\.0\.2\.1:0"):
        lsp._socket_streams("192.0.2.1:0")


def test_what_may_be_said_on_the_command_line() -> None:
    parser = argparse.ArgumentParser()
    lsp.add_arguments(parser)
    assert parser.parse_args([]) == argparse.Namespace(
        stdio=False, tcp=None, log="info", log_file=None
    )
    options = parser.parse_args(["--stdio", "--tcp", ":1", "--log", "debug"])
    assert options == argparse.Namespace(stdio=True, tcp=":1", log="debug", log_file=None)
