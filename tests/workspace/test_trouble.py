"""Whatever happens to disks, files and processes: a working index, and a line in the log."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from polylsp.config import MemoryConfig
from polylsp.errors import PolyError
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace import manifest, segments, shelf, update, walk
from polylsp.workspace.index import Index
from tests.workspace.folders import function, made, put, said

ALPHA, BETA = "    alpha_1 = alpha.", "    beta_1 = beta."


def test_planted_secrets_are_not_in_its_bytes(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    planted = ["Zq9XvT2mWk7RbY4p", "Lw3NfH8sQd6JcG5x", "Pt7VzK2yMn9BrE4u", "Ys5DgX8aCf3WhR6j"]
    put(root, ".env", f"KEY={planted[0]}\n")
    put(root, "id_rsa", planted[1])
    put(root, "local.py", f"x = '{planted[2]}'\n")
    put(root, ".gitignore", "local.py\n")
    token = "AKIA" + planted[3].upper()
    source = f'KEY = "{token}"\npassword = "{planted[0]}"\n# postgres://me:{planted[1]}@db/app\n'
    put(root, "src/settings.py", source + function("delta"))
    index = made(root, tokenizer, cache)
    index.changed(put(root, "src/more.py", source + function("epsilon")))
    assert index.update().whole
    assert said(index.sources(), tokenizer, "    delta_1 = delta.")
    kept = b"".join(file.read_bytes() for file in cache.rglob("*") if file.is_file())
    held = [
        tokenizer.decode(array.numbers(0, len(array))[::-1].tolist())
        for array in index.view().state.arrays.values()
    ]
    held += [
        tokenizer.decode(ids.tolist()) for one in index.view().changed for ids, _ in one.pieces
    ]
    for secret in (*planted, token):
        for part in (secret, secret[:8], secret[8:], secret[::-1]):
            assert part.encode() not in kept
            assert all(part not in text for text in held)
    assert any('password = "' in text for text in held)


def test_odd_files_are_passed_over(
    root: Path, tokenizer: Tokenizer, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "latin.py").write_bytes(b"# caf\xe9\n" + function("delta").encode())
    (root / "binary.py").write_bytes(bytes(range(256)) * 50)
    with (root / "huge.py").open("wb") as file:
        file.truncate(50_000_000)
    if sys.platform != "win32":
        (root / "loop").symlink_to(root, target_is_directory=True)
        (root / "self.py").symlink_to(root / "self.py")
    index = made(root, tokenizer, cache)
    assert index.status()["files"] == 4
    assert said(index.sources(), tokenizer, "    delta_1 = delta.")


def test_files_that_vanish_or_cannot_be_read_are_told_of(
    root: Path, tokenizer: Tokenizer, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = Index(root, tokenizer, MemoryConfig(), cache)

    def vanish(progress: update.Progress) -> None:
        (root / progress.file).unlink()
        if progress.done == 1:
            (root / progress.file).mkdir()

    with caplog.at_level("INFO", "polylsp"):
        assert index.update(say=vanish).whole
    assert "cannot be read" in caplog.text
    assert "and 2 more" in caplog.text
    assert index.status()["files"] == 0
    put(root, "src/delta.py", function("delta"))
    assert index.update().whole
    assert index.status()["files"] == 1


def test_a_folder_out_of_reach_is_not_forgotten(
    root: Path, tokenizer: Tokenizer, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = made(root, tokenizer, cache)
    root.rename(root.with_name("unmounted"))
    assert index.update().problem
    assert "its index stays as it was" in caplog.text
    assert said(index.sources(), tokenizer, ALPHA)


KILLED = """
import os, sys
from pathlib import Path
from polylsp.config import MemoryConfig
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace import manifest, segments, update
from polylsp.workspace.index import Index

root, cache, tokenizer, where = sys.argv[1:]
update._AT_ONCE = 150
index = Index(Path(root), Tokenizer(Path(tokenizer)), MemoryConfig(), Path(cache))
module, name = {"file": (update, "read"), "segment": (segments, "replace"), "manifest": (manifest, "save")}[where]
real, calls = getattr(module, name), []

def dying(*arguments):
    calls.append(name)
    if len(calls) == 3:
        if where == "segment":  # Half of it is written.
            (arguments[0].parent / "half.tokens.partial").write_bytes(b"half")
        os._exit(9)
    return real(*arguments)

setattr(module, name, dying)
index.update()
"""


@pytest.mark.parametrize("where", ["file", "segment", "manifest"])
def test_killed_in_the_middle_it_goes_on_from_there(
    where: str, root: Path, tokenizer: Tokenizer, cache: Path, tmp_path: Path
) -> None:
    for number in range(4):
        put(root, f"more{number}.py", function(f"more{number}"))
    arguments = [str(root), str(cache), str(tmp_path / "tokenizer.json"), where]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", KILLED, *arguments], env=environment, check=False)
    assert ended.returncode == 9
    index = Index(root, tokenizer, MemoryConfig(), cache)
    for source in index.sources():
        source.look(tokenizer.encode(ALPHA))
    assert index.update().whole
    assert said(index.sources(), tokenizer, ALPHA)
    assert said(index.sources(), tokenizer, "    more3_1 = more3.")
    kept = [file.name for file in cache.rglob("*") if file.suffix in (".tokens", ".partial")]
    assert len(kept) == index.status()["segments"]


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)


def empty(file: Path) -> None:
    os.truncate(file, 0)


@pytest.mark.parametrize("harm", [cut, flip, empty, Path.unlink])
@pytest.mark.parametrize("what", ["manifest.json", "*.tokens"])
def test_what_is_damaged_is_made_anew(
    harm: Callable[[Path], None],
    what: str,
    root: Path,
    tokenizer: Tokenizer,
    cache: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = made(root, tokenizer, cache).status()["tokens"]
    [file] = cache.rglob(what)
    harm(file)
    index = Index(root, tokenizer, MemoryConfig(), cache)
    assert not index.sources()
    if (harm, what) != (Path.unlink, "manifest.json"):  # Without one, there is none yet.
        assert "is made anew" in caplog.text
    assert index.update().whole
    assert said(index.sources(), tokenizer, ALPHA)
    assert index.status()["tokens"] == before
    assert len(list(cache.rglob("*.tokens"))) == 1


def test_of_several_parts_only_the_damaged_one_is_made_anew(
    root: Path, tokenizer: Tokenizer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "_GROWTH", 0)  # Nothing is merged.
    made(root, tokenizer, cache)
    [first] = cache.rglob("*.tokens")
    put(root, "src/delta.py", function("delta"))
    made(root, tokenizer, cache)
    flip(first)
    index = Index(root, tokenizer, MemoryConfig(), cache)
    assert said(index.sources(), tokenizer, "    delta_1 = delta.")
    assert not said(index.sources(), tokenizer, ALPHA)
    assert index.update().read >= 3
    assert said(index.sources(), tokenizer, ALPHA)


@pytest.mark.parametrize("full", ["segments", "manifests"])
def test_on_a_full_disk_it_goes_on_with_what_it_has(
    full: str,
    root: Path,
    tokenizer: Tokenizer,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    index = made(root, tokenizer, cache)
    before = sorted(file.name for file in cache.rglob("*"))
    put(root, "src/delta.py", function("delta"))
    index.changed(root / "src" / "delta.py")

    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        module = segments if full == "segments" else manifest
        patch.setattr(module, "replace", no_space)
        assert os.strerror(errno.ENOSPC) in index.update().problem
    assert "is not up to date" in caplog.text
    assert said(index.sources(), tokenizer, ALPHA)
    assert said(index.sources(), tokenizer, "    delta_1 = delta.")
    assert index.update().whole
    assert len(list(cache.rglob("*"))) <= len(before) + 1


def test_a_file_that_is_written_in_part_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "file", "old")

    def parts() -> object:
        yield b"new"
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        segments.replace(tmp_path / "file", parts())  # type: ignore[arg-type]
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_without_a_place_to_write_edits_are_known_all_the_same(
    root: Path, tokenizer: Tokenizer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, "cache", "a file where the folder should be")
    index = Index(root, tokenizer, MemoryConfig(), tmp_path / "cache")
    assert "cannot be written" in index.update().problem
    assert "is not up to date" in caplog.text
    index.changed(root / "src" / "beta.py")
    assert said(index.sources(), tokenizer, BETA)


def test_a_part_that_goes_while_it_is_read_is_looked_for_again(
    root: Path, tokenizer: Tokenizer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = made(root, tokenizer, cache), Index(root, tokenizer, MemoryConfig(), cache)
    real = manifest.load
    put(root, "src/delta.py", function("delta", 40))

    def overtaken(folder: Path) -> manifest.Manifest:
        found = real(folder)
        monkeypatch.setattr(manifest, "load", real)
        put(root, "src/epsilon.py", function("epsilon", 40))
        other.update()  # It merges what `mine` is about to read.
        return found

    other.update()
    monkeypatch.setattr(manifest, "load", overtaken)
    mine.refresh()
    assert said(mine.sources(), tokenizer, "    epsilon_1 = epsilon.")


def test_indexes_that_were_not_used_lately_make_room(
    root: Path, tokenizer: Tokenizer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = made(root, tokenizer, cache), made(root / "src", tokenizer, cache)
    for index, used in ((older, 1), (newer, 2)):
        os.utime(Path(index.status()["folder"]) / "used", (used, used))
    (cache / ("f" * 32)).mkdir()  # Not ours.
    put(cache, "notes/x.tokens", "Not ours either.")
    using = Path(newer.status()["folder"])
    shelf.trim(cache, 1, using)
    assert len(shelf.kept(cache)) == 2
    with (using / "large.tokens").open("wb") as file:
        file.truncate(1_000_000)
    with shelf.writing(Path(older.status()["folder"])):
        shelf.trim(cache, 1, using)  # It is being written.
    assert len(shelf.kept(cache)) == 2
    shelf.trim(cache, 1, using)
    assert [one.folder for one in shelf.kept(cache)] == [using]
    assert (cache / "notes" / "x.tokens").exists()


def test_beyond_the_limit_what_was_not_touched_lately_is_left_out(
    root: Path, tokenizer: Tokenizer, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for age, name in enumerate(("gamma", "alpha", "beta")):
        os.utime(root / "src" / f"{name}.py", (1000 - age, 1000 - age))
    size = len(tokenizer.encode(function("alpha"))) * 4.5 / 0.75 / 1_000_000
    index = Index(root, tokenizer, MemoryConfig(megabytes=2.2 * size), cache)  # type: ignore[arg-type]
    assert index.update().whole
    assert "1 files are left out" in caplog.text
    assert said(index.sources(), tokenizer, ALPHA)
    assert not said(index.sources(), tokenizer, BETA)
    os.utime(root / "src" / "beta.py", (2000, 2000))
    assert index.update().whole
    assert said(index.sources(), tokenizer, BETA)
    assert not said(index.sources(), tokenizer, ALPHA)


def test_too_many_files_are_told_of(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(walk, "_MOST_FILES", 2)
    list(walk.walk(root, False, lambda: False))
    assert "too many files" in caplog.text


def test_an_index_that_is_being_written_is_not_deleted(
    root: Path, tokenizer: Tokenizer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = made(root, tokenizer, cache)
    monkeypatch.setattr(shelf, "_PATIENCE", 0)
    taken, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with shelf.writing(Path(index.status()["folder"])):
            taken.set()
            enough.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    with pytest.raises(PolyError, match="try again"):
        index.clear()
    enough.set()
    thread.join()
    assert said(index.sources(), tokenizer, ALPHA)
    index.clear()
    assert not shelf.kept(cache)
