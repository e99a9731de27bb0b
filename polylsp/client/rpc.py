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
    """The server answered with an error."""

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
        self.notifications: list[Message] = []
        self.unmatched: list[Message] = []  # Answers to nothing that was asked.
        self._serve = serve
        self._pending: dict[int | str, Future[Any]] = {}
        self._next_id = 0
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def request(self, method: str, params: Any = None) -> Future[Any]:
        """Ask; the future has the result, or raises ResponseError. Its id is `future.id`."""
        with self._lock:
            self._next_id += 1
            id_ = self._next_id
            future: Future[Any] = Future()
            self._pending[id_] = future
        future.id = id_  # type: ignore[attr-defined]
        self.send({"id": id_, "method": method, "params": params})
        return future

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def send(self, message: Message) -> None:
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def send_raw(self, body: bytes, header: bytes | None = None) -> None:
        """Send bytes as a message, whatever they are."""
        assert self.process.stdin is not None
        with self._lock:
            self.process.stdin.write(header or b"Content-Length: %d\r\n\r\n" % len(body))
            self.process.stdin.write(body)
            self.process.stdin.flush()

    def close(self, timeout: float = 10) -> int:
        """Shut the server down the way the protocol says; its exit code."""
        with contextlib.suppress(OSError, ResponseError, TimeoutError):
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
        stream = self.process.stdout
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not line:
                break
            self._take(json.loads(stream.read(length)))
        for future in list(self._pending.values()):
            future.set_exception(ResponseError({"message": "the server has gone", "code": None}))

    def _take(self, message: Message) -> None:
        if "method" not in message:
            future = self._pending.pop(message.get("id"), None)  # type: ignore[arg-type]
            if future is None:
                self.unmatched.append(message)
            elif "error" in message:
                future.set_exception(ResponseError(message["error"]))
            else:
                future.set_result(message.get("result"))
        elif "id" in message:
            params = message.get("params")
            result = self._serve(message["method"], params) if self._serve else None
            self.send({"id": message["id"], "result": result})
        else:
            self.notifications.append(message)
