"""Which of polylsp's optional dependencies a backend needs and this installation lacks, and installing them."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec

from polylsp.errors import ModelError

# Backend → the extras that converting for it and running it take.
_EXTRAS = {"onnx": ("export",), "torch": ("export", "torch"), "gguf": ("export", "gguf")}


def missing(backend: str) -> list[str]:
    """What is to be installed to convert a checkpoint for `backend` and run it: ["onnx>=1.19", …]."""
    return [
        requirement
        for extra in _EXTRAS[backend]
        for requirement in _required(extra)
        if not _installed(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])
    ]


def remedy(backend: str) -> str:
    """What a person would type."""
    return f"pip install 'polylsp[{','.join(_EXTRAS[backend])}]'"


def install(requirements: Sequence[str], say: Callable[[str], None]) -> None:
    """Install into the running interpreter; `say` hears what the installer says.

    Raises ModelError where there is no installer, or it fails.
    """
    uv = shutil.which("uv")
    if find_spec("pip"):
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    elif uv:
        command = [uv, "pip", "install", "--python", sys.executable]
    else:
        raise ModelError(
            f"there is neither pip nor uv to install with: `{sys.executable} -m ensurepip` brings pip"
        )
    with subprocess.Popen(  # noqa: S603
        [*command, *requirements],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as installing:
        for line in installing.stdout or ():
            say(line.rstrip())
    if installing.returncode:
        raise ModelError(
            f"{' '.join(requirements)} could not be installed: see what the installer said above"
        )
    importlib.invalidate_caches()


def _required(extra: str) -> list[str]:
    try:
        lines = importlib.metadata.requires("polylsp") or []
    except importlib.metadata.PackageNotFoundError:  # Run from a source tree.
        return []
    split = [line.partition(";") for line in lines]
    marked = re.compile(rf"""extra\s*==\s*['"]{extra}['"]""")
    return [name.strip() for name, _, marker in split if marked.search(marker)]


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
