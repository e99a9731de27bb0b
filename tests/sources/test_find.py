"""What to read, by name: folders, checkouts, packages."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from polylsp.bench.replay.files import choose
from polylsp.errors import PolyError
from polylsp.sources import fetch
from polylsp.sources import find as sources
from polylsp.sources.packages import SETS
from polylsp.sources.unpack import unpack


def tarball(file: Path, members: dict[str, bytes], link: str = "") -> Path:
    with tarfile.open(file, "w:gz") as opened:
        for name, content in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(content)
            opened.addfile(one, io.BytesIO(content))
        if link:
            one = tarfile.TarInfo("package/link.js")
            one.type, one.linkname = tarfile.SYMTYPE, link
            opened.addfile(one)
    return file


def test_files_and_folders_are_typed_as_they_are(tmp_path: Path) -> None:
    found = sources.find([str(tmp_path)])
    assert (found.folders, found.names) == ([tmp_path], [str(tmp_path)])
    with pytest.raises(PolyError, match="nowhere: no such file, folder or package"):
        sources.find([str(tmp_path / "nowhere")])
    with pytest.raises(PolyError, match="nothing to type"):
        sources.find([])


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_of_a_git_checkout_only_its_own_files_are_typed(tmp_path: Path) -> None:
    line = b"value = compute(value)\n" * 200
    for name in ("own.py", "installed.py"):
        (tmp_path / name).write_bytes(line)
    for command in (["init", "-q"], ["add", "own.py"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    found = sources.find([str(tmp_path)])
    assert choose(found.folders, 9) == {"python": [tmp_path / "own.py"]}


def test_a_package_that_was_fetched_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "npm-@trpc+client@11.25.2").mkdir()
    found = sources.find(["npm:@trpc/client@11.25.2"], cache=tmp_path)
    assert found.folders == [tmp_path / "npm-@trpc+client@11.25.2"]


@pytest.mark.parametrize(
    "name", ["pypi:--index-url=x", "npm:../x", "debian:A b", "npm:git+ssh://x"]
)
def test_nothing_but_a_name_and_a_version_reaches_a_tool(tmp_path: Path, name: str) -> None:
    with pytest.raises(PolyError, match="no name of"):
        sources.package(name, cache=tmp_path)
    with pytest.raises(PolyError, match="packages are named as in"):
        sources.package("gem:puma", cache=tmp_path)


def test_a_tool_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for name, tool in (("npm:koa", "npm"), ("debian:jo", "apt-get")):
        with pytest.raises(PolyError, match=f"{tool}, which is not on the PATH"):
            sources.package(name, cache=tmp_path)
    assert not any((tmp_path / name).exists() for name in ("npm-koa", "debian-jo"))


def test_of_a_set_what_cannot_be_had_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(SETS, "test", ("npm:koa@3.3.0", "npm:zod@4.6.7"))
    (tmp_path / "npm-zod@4.6.7").mkdir()
    said: list[str] = []
    found = sources.find([], "test", said.append, tmp_path)
    assert found.names == ["npm:zod@4.6.7"]
    assert any(line.startswith("npm:koa@3.3.0 is left out") for line in said)


def test_the_sets_are_pinned_and_apart() -> None:
    names = [name for packages in SETS.values() for name in packages]
    for name in names:
        kind, _, spec = name.partition(":")
        assert fetch.PLAIN[kind].fullmatch(spec), name
        assert "=" in spec or "@" in spec[1:], f"{name} has no version"
    bare = [name.rstrip("0123456789.").partition("=")[0] for name in names]
    assert len(set(bare)) == len(names)


def test_archives_are_unpacked_and_nothing_beside_them(tmp_path: Path) -> None:
    folder = tmp_path / "into"
    folder.mkdir()
    unpack(tarball(tmp_path / "a.tgz", {"package/a.js": b"let a"}, link="/etc/passwd"), folder)
    with zipfile.ZipFile(tmp_path / "b.whl", "w") as opened:
        opened.writestr("b/b.py", "b = 1")
        opened.writestr("../c.py", "c = 1")
    unpack(tmp_path / "b.whl", folder)
    names = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    assert names == {"package/a.js", "b/b.py", "c.py"}
    assert not (tmp_path / "c.py").exists()


def test_an_archive_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "into"
    folder.mkdir()
    with pytest.raises(PolyError, match="cannot be unpacked"):
        unpack(tarball(tmp_path / "a.tgz", {"../out.js": b"out"}), folder)
    assert not (tmp_path / "out.js").exists()
    unpack(tarball(tmp_path / "b.tgz", {"/root.js": b"in"}), folder)
    assert (folder / "root.js").read_bytes() == b"in"


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    for name in ("a.whl", "a.tgz"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        with pytest.raises(PolyError, match=f"{name} cannot be unpacked"):
            unpack(tmp_path / name, tmp_path)


def test_what_packages_a_debian_source_is_not_typed(tmp_path: Path) -> None:
    for name in ("jo_1.9-1.dsc", "jo_1.9.orig.tar.gz", "jo_1.9-1.debian.tar.xz"):
        (tmp_path / name).touch()
    assert [one.name for one in fetch.archives(tmp_path)] == ["jo_1.9.orig.tar.gz"]


@pytest.mark.skipif(sys.platform == "win32", reason="apt-get is a program of Debian's")
@pytest.mark.parametrize("whole", [True, False])
def test_of_what_packages_a_debian_source_only_the_licences_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """And where the archive has that part no more, the source is had without it."""
    archives = tmp_path / "archives"
    archives.mkdir()
    tarball(archives / "jo_1.9.orig.tar.gz", {"jo-1.9/jo.c": b"int a;"})
    packaging = {"debian/copyright": b"Format: x", "debian/rules": b"all:"}
    tarball(archives / "jo_1.9-1.debian.tar.gz", packaging)
    script = tmp_path / "bin" / "apt-get"
    script.parent.mkdir()
    script.write_text(
        f"""#!/bin/sh
case "$*" in
*update*) exit 0 ;;
*--tar-only*) cp {archives}/*.orig.* . ;;
*) {"true" if whole else "echo E: 404 >&2; exit 1"}; cp {archives}/* . ;;
esac
"""
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    folder = sources.package("debian:jo=1.9-1", cache=tmp_path / "cache")
    names = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    assert names == {"jo-1.9/jo.c"} | ({"debian/copyright"} if whole else set())


@pytest.mark.network
def test_a_wheel_is_fetched_once(tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        folder = sources.package("pypi:pluggy==1.7.0", said.append, tmp_path)
    assert list(folder.rglob("_manager.py"))
    assert said == ["fetching pypi:pluggy==1.7.0"]
    with pytest.raises(PolyError, match="pip failed"):
        sources.package("pypi:pluggy==0.0.99", said.append, tmp_path)
