"""The machine's own pip, npm and apt-get, asked for one package's source: an archive, nothing of it run."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from polylsp.errors import PolyError

_SECONDS = 600
_APT = Path("/etc/apt")
# No option, no path, no address: these reach a command line.
PLAIN = {
    "pypi": re.compile(r"[A-Za-z0-9][\w.-]*(==[\w.+!-]+)?"),
    "npm": re.compile(r"(@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*(@[\w.+-]+)?"),
    "debian": re.compile(r"[a-z0-9][a-z0-9.+-]*(=[\w.+:~-]+)?"),
}


def archives(folder: Path) -> list[Path]:
    """Of what was fetched, what holds source; of a Debian package not what packages it."""
    found = [
        one for one in sorted(folder.iterdir()) if re.search(r"\.(whl|tgz|tar\.\w+)$", one.name)
    ]
    return [one for one in found if not re.search(r"\.debian\.tar\.\w+$", one.name)]


def pypi(spec: str, into: Path, _: Path) -> None:
    """A wheel: to look into a source distribution, pip would have to run it."""
    ours = importlib.util.find_spec("pip") is not None
    pip = [sys.executable, "-m", "pip"] if ours else [_tool("pip", "pypi")]
    options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check"]
    _run("pip", [*pip, "download", "--quiet", *options, "--dest", str(into), spec], into)


def npm(spec: str, into: Path, _: Path) -> None:
    _run("npm", [_tool("npm", "npm"), "pack", "--ignore-scripts", spec], into)


def debian(spec: str, into: Path, cache: Path) -> None:
    """From the machine's own mirrors, whether or not its apt is set up for source packages."""
    apt_get = _tool("apt-get", "debian")
    places = {"Dir::Etc::SourceParts": cache / "apt" / "sources", "Dir::Cache": cache / "apt"}
    places["Dir::State::Lists"] = cache / "apt" / "lists"
    options = [f"{name}={place}" for name, place in places.items()]
    apt = [apt_get, "--quiet=2", "-o", "Dir::Etc::SourceList=/dev/null"]
    apt += [word for option in options for word in ("-o", option)]
    if not any(places["Dir::State::Lists"].glob("*Sources*")):
        _source_lists(places["Dir::Etc::SourceParts"])
        (places["Dir::State::Lists"] / "partial").mkdir(parents=True, exist_ok=True)
        _run("apt-get", [*apt, "update"], into)
    _run("apt-get", [*apt, "source", "--download-only", "--tar-only", spec], into)


FETCHERS: dict[str, Callable[[str, Path, Path], None]] = {
    "pypi": pypi,
    "npm": npm,
    "debian": debian,
}


def _source_lists(folder: Path) -> None:
    """The machine's own lists of mirrors, asking for source instead of programs."""
    folder.mkdir(parents=True, exist_ok=True)
    lists = [_APT / "sources.list", *sorted((_APT / "sources.list.d").glob("*"))]
    for one in lists:
        if one.suffix in (".list", ".sources") and one.is_file():
            text = one.read_text(encoding="utf-8", errors="replace")
            text = re.sub(r"^deb(?=\s)", "deb-src", text, flags=re.MULTILINE)
            text = re.sub(r"^Types:.*$", "Types: deb-src", text, flags=re.MULTILINE)
            (folder / one.name).write_text(text, encoding="utf-8")


def _tool(name: str, kind: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise PolyError(f"{kind}: packages are fetched with {name}, which is not on the PATH")
    return found


def _run(name: str, command: Sequence[str], folder: Path) -> None:
    """Run `command` in `folder`. Raises PolyError with what it said first where it fails."""
    try:
        ran = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PolyError(f"{name} did not end well: {error}") from error
    if ran.returncode:
        said = [
            line
            for line in ran.stderr.splitlines()
            if re.search(r"\berror\b|^E: ", line, re.IGNORECASE)
        ]
        raise PolyError(f"{name} failed: {' '.join(said[:2]) or f'exit code {ran.returncode}'}")
