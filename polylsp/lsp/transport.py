"""Messages in and out of a pair of byte streams, each on a thread of its own.

A client that reads slowly, or not at all, blocks nobody; a broken header costs a message, not the
connection. What is inside a message is no business of this file.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 2**20
# Anywhere in a line: where a message was longer than it said, the next one's header follows its rest.
_LENGTH = re.compile(rb"(?i)content-length\s*:\s*(\d{1,12})\s*$")


def read_messages(
    stream: BinaryIO, receive: Callable[[bytes], None], ended: Callable[[], None]
) -> None:
    """Hand every message of `stream` to `receive`, until it ends. Meant for a thread of its own."""
    try:
        while (body := _read_message(stream)) is not None:
            receive(body)
    except (OSError, ValueError) as error:  # ValueError: the stream was closed under our hands.
        log.info("the client's stream broke: %s", error)
    finally:
        ended()


def _read_message(stream: BinaryIO) -> bytes | None:
    """The next message's body; None where the stream has ended."""
    length: int | None = None
    while True:
        line = stream.readline(65536)
        if not line:
            return None
        found = _LENGTH.search(line)
        if found:
            length = int(found.group(1))
        elif not line.strip() and length is not None:
            break
    if length > MOST_BYTES:
        log.error("a message of %d bytes was skipped", length)
        while length > 0 and (chunk := stream.read(min(length, 1 << 20))):
            length -= len(chunk)
        return b""
    body = stream.read(length)
    return body if len(body) == length else None


class Writer:
    """Queues what is to be written, and writes it on a thread of its own. pygls calls `write`."""

    def __init__(self, stream: BinaryIO, broken: Callable[[], None]) -> None:
        """`broken` is called, on another thread, once the client does not read any more."""
        self._stream = stream
        self._broken = broken
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._drain, name="polylsp-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many writes are queued."""
        return self._queue.qsize()

    def write(self, data: bytes) -> None:
        self._queue.put(data)

    def close(self) -> None:
        """Write what is queued, waiting a moment for it at the most."""
        self._queue.put(None)
        self._thread.join(timeout=2)

    def _drain(self) -> None:
        try:
            while (data := self._queue.get()) is not None:
                self._stream.write(data)
                if self._queue.empty():
                    self._stream.flush()
            self._stream.flush()
        except (OSError, ValueError) as error:
            log.info("the client cannot be written to: %s", error)
            self._broken()
