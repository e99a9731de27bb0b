"""polylsp's wheel, an older one, and a folder with all that they need: to install without a network."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from pathlib import Path

from tests.editors.ground.shelf import kept, ran
from tests.editors.home import ROOT

_PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def built(work: Path, version: str = "") -> Path:
    """A wheel of this checkout, or of one that calls itself another version. Raises UnavailableError."""
    source = work / f"source{version}"
    shutil.copytree(
        ROOT / "polylsp", source / "polylsp", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    if version:
        file = source / "polylsp" / "__init__.py"
        text = file.read_text("utf-8")
        file.write_text(re.sub('(?<=__version__ = ").+(?=")', version, text), "utf-8")
    folder = work / f"wheel{version}"
    ran([*_PIP, "wheel", "--no-deps", "--wheel-dir", folder, source])
    [wheel] = folder.glob("*.whl")
    return wheel


def needed(wheel: Path) -> Path:
    """A folder of the wheels that it needs, for this Python. Raises UnavailableError."""
    needs = re.search(r"^dependencies = \[.*?^\]", _project(), re.DOTALL | re.MULTILINE)
    assert needs is not None
    key = hashlib.sha256(needs[0].encode()).hexdigest()[:12]

    def download(folder: Path) -> None:
        ran([*_PIP, "download", "--only-binary", ":all:", "--dest", folder, wheel])
        (folder / wheel.name).unlink()

    return kept(f"wheels-neovim-{sys.implementation.cache_tag}-{key}", download)


def _project() -> str:
    return (ROOT / "pyproject.toml").read_text("utf-8")
