"""A model hub on this machine that serves folders, and others that do not answer."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

REVISION = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".bin", ".safetensors")  # What a hub keeps a SHA-256 of.


@dataclass
class Hub:
    """What a running hub serves, and what it was asked for."""

    url: str = ""
    models: dict[str, Path] = field(default_factory=dict)  # Id → folder.
    wrong_hashes: bool = False
    breaks_after: int = 0  # Bytes of a large file, once; then the connection is closed.
    requests: list[str] = field(default_factory=list)  # "GET /path bytes=100-".


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Run a hub."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def closed() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


class _Handler(BaseHTTPRequestHandler):
    hub: ClassVar[Hub]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, body: bool) -> None:
        asked = self.headers.get("Range", "")
        self.hub.requests.append(f"{self.command} {self.path} {asked}".strip())
        about = re.fullmatch(r"/api/models/([^/?]+/[^/?]+)(/revision/\w+)?(\?.*)?", self.path)
        file = re.fullmatch(r"/([^/]+/[^/]+)/resolve/\w+/([^/?]+)(\?.*)?", self.path)
        if about and about[1] in self.hub.models:
            self._send(json.dumps(self._about(about[1])).encode(), body, "application/json")
        elif file and (place := self.hub.models.get(file[1], Path()) / file[2]).is_file():
            self._file(place, body, asked)
        else:
            headers = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            self._send(b"{}", body, "application/json", 404, headers)

    def _about(self, model: str) -> dict[str, Any]:
        files: list[dict[str, Any]] = []
        for file in sorted(self.hub.models[model].iterdir()):
            data = file.read_bytes()
            entry: dict[str, Any] = {"rfilename": file.name, "size": len(data), "blobId": "0" * 40}
            if file.suffix in LARGE:
                sha = "0" * 64 if self.hub.wrong_hashes else hashlib.sha256(data).hexdigest()
                entry["lfs"] = {"sha256": sha, "size": len(data), "pointerSize": 134}
            files.append(entry)
        return {
            "_id": "1",
            "id": model,
            "modelId": model,
            "sha": REVISION,
            "private": False,
            "tags": [],
            "downloads": 0,
            "cardData": {"license": "mit"},
            "siblings": files,
        }

    def _file(self, file: Path, body: bool, asked: str) -> None:
        data = file.read_bytes()
        etag = hashlib.sha256(data).hexdigest()
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": REVISION, "Accept-Ranges": "bytes"}
        status, whole = 200, len(data)
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", asked):
            start, end = int(found[1]), int(found[2]) if found[2] else whole - 1
            data, status = data[start : end + 1], 206
            headers["Content-Range"] = f"bytes {start}-{end}/{whole}"
        self._send(data, body, "application/octet-stream", status, headers)

    def _send(
        self,
        data: bytes,
        body: bool,
        kind: str,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not body:
            return
        if 0 < self.hub.breaks_after < len(data):
            data, self.hub.breaks_after = data[: self.hub.breaks_after], 0
            self.close_connection = True
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing: `requests` tells."""
