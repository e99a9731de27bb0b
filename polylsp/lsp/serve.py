"""One client over a pair of byte streams, from its first message to the exit code; and the log.

What blocks has a thread of its own: reading, writing, and logging, for not every client drains standard
error.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from polylsp.errors import PolyError
from polylsp.lsp.handlers import build
from polylsp.lsp.transport import Writer, read_messages

_MOST_LINES_WAITING = 1000
_MOST_BYTES = 1_000_000  # Of a log file; one that has more is begun anew.


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Serve one client over a pair of streams; the exit code that the protocol asks for."""
    return asyncio.run(_serve(stdin, stdout))


async def _serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    loop = asyncio.get_running_loop()
    server = build()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def stream_ended() -> None:
        end(0 if server.protocol.was_shut_down else 1)

    def on_loop(function: Any, *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed: the server has ended.
            loop.call_soon_threadsafe(function, *arguments)

    server.protocol.stopped = end
    writer = Writer(stdout, broken=lambda: on_loop(end, 1))
    server.protocol.set_writer(writer)
    reader = threading.Thread(
        target=read_messages,
        args=(
            stdin,
            lambda body: on_loop(server.protocol.receive, body),
            lambda: on_loop(stream_ended),
        ),
        name="polylsp-reader",
        daemon=True,
    )
    reader.start()
    code = await ended
    await server.protocol.settle()
    await server.indexing.end()
    await server.journaling.end()
    writer.close()
    return code


class _Log(logging.Handler):
    """Lines for a stream that may be blocked; then they are dropped."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._writer = Writer(stream, broken=lambda: None)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if self._writer.waiting >= _MOST_LINES_WAITING:
            return
        try:
            self._writer.write((self.format(record) + "\n").encode(errors="replace"))
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        self._writer.close()
        super().close()


def log_to(file: Path | None, level: str) -> logging.Handler:
    """Our log, on standard error where no file is given.

    What pygls and asyncio log of errors may hold source text, and so is for debugging only. The handler that
    is returned has to be closed, or the last lines may be lost. Raises PolyError.
    """
    handler = _Log(sys.stderr.buffer if file is None else _log_file(file))
    theirs = "DEBUG" if level == "debug" else "CRITICAL"
    levels = {"polylsp": level.upper(), **dict.fromkeys(("pygls", "asyncio", "concurrent"), theirs)}
    for name, at_least in levels.items():
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(at_least)
        logger.propagate = False
    return handler


def _log_file(file: Path) -> BinaryIO:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        is_full = file.exists() and file.stat().st_size > _MOST_BYTES
        return file.open("wb" if is_full else "ab")
    except OSError as error:
        raise PolyError(f"cannot log to {file}: {error}; give another --log-file") from error
