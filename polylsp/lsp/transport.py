"""Messages in and out of a pair of byte streams, each on a thread of its own.

A client that reads slowly, or not at all, blocks nobody; a broken header costs a message, not the
connection. What is inside a message is no business of this file.
"""

from __future__ import annotations

import logging
import re
import select
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
    """Writes at once what needs no waiting, and all else on a thread of its own. pygls calls `write`.

    That thread would have to be woken, and to be given the interpreter's lock, before an answer could leave.
    """

    def __init__(self, stream: BinaryIO, broken: Callable[[], None]) -> None:
        """`broken` is called, on another thread, once the client does not read any more."""
        self._stream = stream
        self._broken = broken
        self._free = _free(stream)
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()  # Over what follows, and over what is written at once.
        self._waiting = 0
        self._thread = threading.Thread(target=self._drain, name="polylsp-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many writes are not done."""
        return self._waiting

    def write(self, data: bytes) -> None:
        """Write `data` after all that came before. Never waits."""
        with self._lock:
            if self._waiting or not self._write_now(data):
                self._waiting += 1
                self._queue.put(data)

    def close(self) -> None:
        """Write what is queued, waiting a moment for it at the most."""
        self._queue.put(None)
        self._thread.join(timeout=2)

    def _write_now(self, data: bytes) -> bool:
        try:
            if not self._free(len(data)):
                return False
            self._stream.write(data)
            self._stream.flush()
        except (OSError, ValueError):  # The thread will meet it, too, and tell.
            return False
        return True

    def _drain(self) -> None:
        try:
            while (data := self._queue.get()) is not None:
                self._stream.write(data)
                if self._queue.empty():
                    self._stream.flush()
                with self._lock:
                    self._waiting -= 1
            self._stream.flush()
        except (OSError, ValueError) as error:
            log.info("the client cannot be written to: %s", error)
            self._broken()


def _free(stream: BinaryIO) -> Callable[[int], bool]:
    """Tells whether so many bytes can be written without waiting; never, where the system does not tell."""
    try:
        poll = select.poll()
        poll.register(stream.fileno(), select.POLLOUT)
    # Windows has no poll; what is no file of the system's has no number.
    except (AttributeError, OSError):
        return lambda _: False
    return lambda size: size <= select.PIPE_BUF and poll.poll(0) != []
