"""Bytes in, messages out; messages in, bytes out."""

from __future__ import annotations

import io
import os
import threading
from typing import BinaryIO

import pytest

from polylsp.lsp import transport
from polylsp.lsp.transport import Writer, read_messages


def received(data: bytes) -> list[bytes]:
    """The bodies that are read from `data`; the end is told exactly once."""
    bodies: list[bytes] = []
    ends: list[None] = []
    read_messages(io.BytesIO(data), bodies.append, lambda: ends.append(None))
    assert ends == [None]
    return bodies


def message(body: bytes, header: bytes = b"Content-Length: %d\r\n\r\n") -> bytes:
    return header % len(body) + body


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: %d\r\n\r\n",
        b"content-length: %d\r\n\r\n",
        b"CONTENT-LENGTH:%d\r\n\r\n",
        b"Content-Length : %d\r\n\r\n",
        b"Content-Length: %d\n\n",
        b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc\r\nContent-Length: %d\r\n\r\n",
        b"\r\n\r\nContent-Length: %d\r\n\r\n",
        b"X-Unheard-Of: yes\r\nContent-Length: %d\r\n\r\n",
        b"X-Huge: " + b"x" * 200_000 + b"\r\nContent-Length: %d\r\n\r\n",
        b"no header at all\r\nContent-Length: %d\r\n\r\n",
        b"\xff\xfe\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: 7\r\nContent-Length: %d\r\n\r\n",
    ],
)
def test_headers_are_read_in_whatever_shape(header: bytes) -> None:
    assert received(message(b"{}", header) + message(b"[1]")) == [b"{}", b"[1]"]


def test_an_empty_message_is_one() -> None:
    assert received(message(b"") + message(b"{}")) == [b"", b"{}"]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"no": "header"}',
        b'Content-Length: \r\n\r\n{"no": "length"}',
        b'Content-Length: -5\r\n\r\n{"a": "negative one"}',
        b'Content-Length: many\r\n\r\n{"a": "word"}',
        b'Content-Length: 99999999999999\r\n\r\n{"an": "impossible one"}',
        b'Content-Size: 5\r\n\r\n{"another": "name"}',
    ],
)
def test_a_header_without_a_length_costs_its_message_and_no_other(broken: bytes) -> None:
    assert received(message(b"1") + broken + message(b"2") + message(b"3")) == [b"1", b"2", b"3"]


def test_a_message_longer_than_it_said_costs_itself_alone() -> None:
    broken = b"Content-Length: 4\r\n\r\n{} and more"
    assert received(broken + message(b"2") + message(b"3")) == [b"{} a", b"2", b"3"]


def test_a_message_that_never_ends_is_none() -> None:
    assert received(message(b"1") + b"Content-Length: 100\r\n\r\nshort") == [b"1"]
    assert received(message(b"1") + b"Content-Length: 1") == [b"1"]


def test_a_message_too_long_to_be_one_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 10)
    # What stands in its place is no JSON, and so will be refused.
    assert received(message(b"x" * 3_000_000) + message(b"2")) == [b"", b"2"]


def test_a_stream_that_breaks_has_ended() -> None:
    ends: list[None] = []
    reading, writing = os.pipe()
    os.close(writing)
    stream = os.fdopen(reading, "rb")
    stream.close()
    read_messages(stream, lambda _: None, lambda: ends.append(None))
    assert ends == [None]


class Slow(io.RawIOBase):
    """A stream whose reader reads when it is told to."""

    def __init__(self) -> None:
        self.reads = threading.Event()
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        assert self.reads.wait(20)
        assert isinstance(data, bytes)
        self.written += data
        return len(data)


def test_a_client_that_does_not_read_blocks_nobody() -> None:
    slow = Slow()
    stream: BinaryIO = slow  # type: ignore[assignment]
    writer = Writer(stream, broken=lambda: None)
    for number in range(1000):
        writer.write(b"%d\n" % number)  # Would hang here.
    assert writer.waiting >= 999
    slow.reads.set()
    writer.close()
    assert slow.written == b"".join(b"%d\n" % number for number in range(1000))


def test_a_broken_stream_is_told_once() -> None:
    broken = threading.Semaphore(0)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as stream:
        writer = Writer(stream, broken=broken.release)
        writer.write(b"x")
        writer.write(b"y")
        assert broken.acquire(timeout=20)
        writer.close()
        assert not broken.acquire(blocking=False)


def test_what_was_written_is_sent_before_the_end() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as received_by, os.fdopen(writing, "wb") as stream:
        writer = Writer(stream, broken=lambda: None)
        writer.write(b"first ")
        writer.write(b"last")
        writer.close()
        assert received_by.read(10) == b"first last"


@pytest.mark.skipif(os.name == "nt", reason="no poll there: everything goes by the thread")
def test_what_needs_no_waiting_is_written_at_once() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with os.fdopen(reading, "rb") as received_by, os.fdopen(writing, "wb") as stream:
        writer = Writer(stream, broken=lambda: None)
        for _ in range(100):
            writer.write(b"answer")
            assert received_by.read(6) == b"answer"
        writer.close()


def test_a_full_pipe_holds_nobody_up_and_order_is_kept() -> None:
    reading, writing = os.pipe()
    parts = [b"%06d " % number * (1 + number % 700) for number in range(2000)]
    with os.fdopen(reading, "rb") as received_by, os.fdopen(writing, "wb") as stream:
        writer = Writer(stream, broken=lambda: None)
        for part in parts[:1000]:
            writer.write(part)  # Far more than a pipe holds: would hang here.
        rest = threading.Thread(target=lambda: list(map(writer.write, parts[1000:])))
        rest.start()
        wanted = b"".join(parts)
        assert received_by.read(len(wanted)) == wanted
        rest.join()
        writer.close()
