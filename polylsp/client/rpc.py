"""JSON-RPC to a language server in a process of its own, over its standard streams."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, BinaryIO

from polylsp.errors import PolyError

Message = dict[str, Any]


class ResponseError(PolyError):
    """The server answered with an error, or is gone; then there is no code."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('message')} ({error.get('code')})")
        self.code = error.get("code")


class Connection:
    """A running server. Answers come as futures; a thread reads."""

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        stderr: int | BinaryIO | None = subprocess.DEVNULL,
        serve: Callable[[str, Any], Any] | None = None,
    ) -> None:
        """Start `command` (polylsp's own server if None).

        `serve(method, params)` answers what the server asks of us; without it, everything gets null.
        """
        self.process = subprocess.Popen(  # noqa: S603
            command or [sys.executable, "-m", "polylsp", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=None if environment is None else dict(environment),
        )
        self.heard: list[Message] = []  # Whatever the server said besides answering what was asked.
        self._serve = serve
        self._pending: dict[int | str, Future[Any]] = {}
        self._next_id = 0
        self._gone = False
        self._lock = threading.Lock()  # Over writing, and over what is pending.
        self._news = threading.Condition()  # Over `heard`.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def request(self, method: str, params: Any = None) -> Future[Any]:
        """Ask; the future has the result, or raises ResponseError. Its id is `future.id`.

        It cannot be cancelled, not even by an event loop that does not wait for it any more: see `cancel`.
        """
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            self._next_id += 1
            id_ = self._next_id
            if self._gone:
                future.set_exception(_gone())
            else:
                self._pending[id_] = future
        future.id = id_  # type: ignore[attr-defined]
        self.send({"id": id_, "method": method, "params": params})
        return future

    def cancel(self, asked: Future[Any]) -> None:
        """Tell the server that an answer is not wanted any more. It comes all the same, as an error."""
        self.notify("$/cancelRequest", {"id": asked.id})  # type: ignore[attr-defined]

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def send(self, message: Message) -> None:
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_raw(self, body: bytes, header: bytes | None = None) -> None:
        """Send bytes as a message, whatever they are. Nothing happens once the server is gone."""
        assert self.process.stdin is not None
        if header is None:
            header = b"Content-Length: %d\r\n\r\n" % len(body)
        with self._lock, contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(header + body)
            self.process.stdin.flush()

    def wait_for(
        self, wanted: Callable[[Message], bool], since: int = 0, timeout: float = 60
    ) -> Message:
        """The first message of `heard` from index `since` on that is `wanted`, once it has come.

        Raises PolyError where the server ends without it, or does not say it within `timeout` seconds.
        """

        def found() -> Message | None:
            return next((one for one in self.heard[since:] if wanted(one)), None)

        with self._news:
            self._news.wait_for(lambda: found() or self._gone, timeout)
            message = found()
        if message is None:
            raise PolyError("the server did not say what was waited for")
        return message

    def close(self, timeout: float = 10) -> int:
        """Shut the server down the way the protocol says; its exit code."""
        with contextlib.suppress(ResponseError, TimeoutError):
            self.request("shutdown").result(timeout)
            self.notify("exit")
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._reader.join(timeout)
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            while (body := _read_body(self.process.stdout)) is not None:
                self._take(json.loads(body))
        finally:
            with self._lock:
                self._gone = True
                pending = list(self._pending.values())
            for future in pending:
                future.set_exception(_gone())
            with self._news:
                self._news.notify_all()

    def _take(self, message: Message) -> None:
        if "method" in message and "id" in message:
            params = message.get("params")
            result = self._serve(message["method"], params) if self._serve else None
            self.send({"id": message["id"], "result": result})
        if "method" not in message:
            with self._lock:
                future = self._pending.pop(message.get("id"), None)  # type: ignore[arg-type]
            if future is not None:
                if "error" in message:
                    future.set_exception(ResponseError(message["error"]))
                else:
                    future.set_result(message.get("result"))
                return
        with self._news:
            self.heard.append(message)
            self._news.notify_all()


def _read_body(stream: Any) -> bytes | None:
    """The next message's body; None where the stream has ended."""
    length = 0
    while (line := stream.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body: bytes = stream.read(length) if line else b""
    return body if body and len(body) == length else None


def _gone() -> ResponseError:
    return ResponseError({"message": "the server has gone"})
