"""The extension, checked, bundled and packaged as it is handed out."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from tests.editors.ground.shelf import UnavailableError, ran
from tests.editors.ground.vscode import VSCode
from tests.editors.home import ROOT

EXTENSION = ROOT / "editors" / "vscode"
BUNDLE = EXTENSION / "dist" / "extension.js"


def packaged(vscode: VSCode) -> Path:
    """The .vsix of this checkout. Raises UnavailableError where what builds it cannot be had."""
    package = EXTENSION / "polylsp.vsix"
    with FileLock(EXTENSION / "package.lock"):  # Of another run of the tests.
        if package.exists() and package.stat().st_mtime > _changed():
            return package
        _equip(vscode)
        try:
            npm(vscode, "run", "package")
        except UnavailableError as error:
            raise AssertionError(f"the extension cannot be packaged: {error}") from None
    return package


def _changed() -> float:
    """When something of what goes into the package was changed last."""
    kept = [ROOT / "polylsp", *(EXTENSION / name for name in ("src", "media", "scripts"))]
    files = [one for folder in kept for one in folder.rglob("*") if one.suffix != ".pyc"]
    files += [one for one in EXTENSION.glob("*.*") if one.suffix not in (".vsix", ".lock")]
    return max(one.stat().st_mtime for one in files if one.is_file())


def npm(vscode: VSCode, *arguments: str) -> None:
    """Run npm in the extension's folder. Raises UnavailableError where it fails."""
    with equipped(vscode) as environment:
        ran(["npm", *arguments], folder=EXTENSION, environment=environment)


@contextmanager
def equipped(vscode: VSCode) -> Iterator[dict[str, str]]:
    """An environment in which node, npm and this Python are found by their names."""
    with tempfile.TemporaryDirectory() as folder:
        # The node wheel's own `npm` is a broken link.
        cli = vscode.node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        for name, words in {"node": [vscode.node], "npm": [vscode.node, cli]}.items():
            shim(Path(folder) / name, words)
        path = os.pathsep.join([folder, str(Path(sys.executable).parent), os.environ["PATH"]])
        yield {**os.environ, "PATH": path}


def shim(file: Path, command: Sequence[str | Path]) -> None:
    """Have a command under that name."""
    words = shlex.join(map(str, command))
    file.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
    file.chmod(0o755)


def _equip(vscode: VSCode) -> None:
    """Fetch what the lock file names, if that was not done yet."""
    lock, done = EXTENSION / "package-lock.json", EXTENSION / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm(vscode, "ci")
