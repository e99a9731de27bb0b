"""To try installations offline: a folder of wheels, an older package, a proxy that refuses and counts."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.ground.shelf import kept, ran
from tests.editors.ground.vscode import VSCode
from tests.editors.home import ROOT
from tests.editors.vscode.package import npm

OLDER = "0.0.9"


def wheels(vsix: Path, work: Path) -> Path:
    """All packages that the server in the extension needs, for this Python. Raises UnavailableError."""
    wheel = _wheel(vsix, work)
    with zipfile.ZipFile(wheel) as opened:
        [about] = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        needs = [line for line in opened.read(about).splitlines() if line.startswith(b"Requires")]
    key = hashlib.sha256(b"\n".join(needs)).hexdigest()[:12]

    def download(folder: Path) -> None:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
        ran([*pip, "--dest", folder, wheel])
        (folder / wheel.name).unlink()

    return kept(f"wheels-{sys.implementation.cache_tag}-{key}", download)


def _wheel(vsix: Path, work: Path) -> Path:
    with zipfile.ZipFile(vsix) as package:
        [name] = [name for name in package.namelist() if name.endswith(".whl")]
        return Path(package.extract(name, work))


def older(vscode: VSCode, vsix: Path, work: Path) -> Path:
    """The same extension and server, built to call themselves an older version."""
    folder = work / "older"
    options = ["--python", sys.executable, "--version", OLDER, "--into", str(folder)]
    npm(vscode, "run", "wheel", "--", *options)
    [wheel] = folder.glob("*.whl")
    version = json.loads((ROOT / "editors/vscode/package.json").read_text("utf-8"))["version"]
    package = work / f"polylsp-{OLDER}.vsix"
    with zipfile.ZipFile(vsix) as new, zipfile.ZipFile(package, "w") as old:
        for name in new.namelist():
            content = new.read(name)
            if name.endswith(".whl"):
                old.write(wheel, f"extension/wheel/{wheel.name}")
                continue
            if name in ("extension/package.json", "extension.vsixmanifest"):
                content = _renamed(content.decode("utf-8"), version).encode("utf-8")
            old.writestr(name, content)
    return package


def _renamed(text: str, version: str) -> str:
    place = re.compile(
        rf'(<Identity [^>]*Version="|^ *"version": "){re.escape(version)}"', re.MULTILINE
    )
    renamed, count = place.subn(rf'\g<1>{OLDER}"', text)
    assert count == 1
    return renamed


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a proxy that refuses everything, and what it was asked for."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    asked.append(client.recv(1000))
                    client.sendall(b"HTTP/1.1 502 No Network\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        server.shutdown(socket.SHUT_RDWR)
