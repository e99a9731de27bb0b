"""A folder's files are known, at once after an edit, and still after a restart."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polylsp.config import MemoryConfig
from polylsp.engine.memory import Kind
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace import shelf, update
from polylsp.workspace.index import Index
from polylsp.workspace.update import Progress
from tests import tinies
from tests.workspace.folders import counts, function, made, put, said


def test_files_are_known_with_their_lines(root: Path, tokenizer: Tokenizer, cache: Path) -> None:
    index = made(root, tokenizer, cache)
    [source] = index.sources()
    [first, *_] = source.look(tokenizer.encode("    beta_2 = beta.ca"))
    assert first.kind is Kind.WORKSPACE
    assert tokenizer.decode(first.place.draft(7)) == "ll(2, '"
    assert index.origin(source, first.place.at) == ("src/beta.py", 4)
    # What starts with a newline begins on the line after it.
    [first, *_] = source.look(tokenizer.encode("alpha.call(3, 'alphaalpha')"))
    assert index.origin(source, first.place.at) == ("src/alpha.py", 6)


def test_an_edit_is_known_at_once(root: Path, tokenizer: Tokenizer, cache: Path) -> None:
    index = made(root, tokenizer, cache)
    file = put(root, "src/beta.py", "\n\n" + function("delta"))
    index.changed(file)
    assert said(index.sources(), tokenizer, "    delta_1 = delta.") == {
        (Kind.RECENT, "call(1, 'delt")
    }
    assert not said(index.sources(), tokenizer, "    beta_1 = beta.")
    recent = index.sources()[-1]
    [first, *_] = recent.look(tokenizer.encode("    delta_1 = delta."))
    assert index.origin(recent, first.place.at) == ("src/beta.py", 5)
    index.update()
    again = made(root, tokenizer, cache)
    assert said(again.sources(), tokenizer, "    delta_1 = delta.") == {
        (Kind.WORKSPACE, "call(1, 'delt")
    }
    assert not said(again.sources(), tokenizer, "    beta_1 = beta.")


def test_what_is_deleted_is_forgotten_at_once(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    index = made(root, tokenizer, cache)
    (root / "src" / "beta.py").unlink()
    index.changed(root / "src" / "beta.py")
    assert not said(index.sources(), tokenizer, "    beta_1 = beta.")
    assert said(index.sources(), tokenizer, "    alpha_1 = alpha.")
    (root / "src").rename(root / "elsewhere")
    index.changed(root / "src")  # Editors tell of the folder only.
    assert not said(index.sources(), tokenizer, "    alpha_1 = alpha.")
    index.update()
    assert index.status()["files"] == 2
    assert index.status()["recent"]["files"] == 0


def test_open_files_are_left_out_and_their_twins_are_not(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    put(root, "copy.py", function("beta"))
    index = made(root, tokenizer, cache)
    assert index.status()["tokens"] == sum(
        len(tokenizer.encode(function(name))) for name in ("alpha", "beta", "gamma")
    )
    alpha, beta, copy = (str(root / name) for name in ("src/alpha.py", "src/beta.py", "copy.py"))
    sources = index.sources([alpha, beta])
    assert not said(sources, tokenizer, "    alpha_1 = alpha.")
    assert said(sources, tokenizer, "    beta_1 = beta.")
    [first, *_] = sources[0].look(tokenizer.encode("    beta_1 = beta."))
    assert index.origin(sources[0], first.place.at) == ("copy.py", 3)
    assert not said(index.sources([beta, copy]), tokenizer, "    beta_1 = beta.")
    index.changed(root / "src" / "gamma.py")
    assert len(index.sources()) == 2
    assert len(index.sources([str(root / "src" / "gamma.py")])) == 1


def test_what_may_not_be_remembered_is_not_learnt_when_it_changes(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    index = made(root, tokenizer, cache)
    put(root, ".gitignore", "made.py\n")
    for path in ("made.py", ".env", "notes.md", "node_modules/m/x.js", "../outside.py"):
        index.changed(put(root, path, function("omega")))
    assert index.status()["recent"]["files"] == 0


def test_only_the_latest_edits_are_kept_in_memory(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    index = made(root, tokenizer, cache)
    for number in range(12):
        index.changed(put(root, f"new{number}.py", function(f"new{number}", 200)))
    held = index.status()["recent"]
    assert 0 < held["files"] < 12
    assert held["tokens"] <= 1 << 16
    assert said(index.sources(), tokenizer, "    new11_1 = new11.")
    assert not said(index.sources(), tokenizer, "    new0_1 = new0.")
    index.update()
    assert said(index.sources(), tokenizer, "    new0_1 = new0.")


def test_a_second_start_is_ready_and_reads_nothing_again(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    for file in root.rglob("*.py"):
        os.utime(file, (1, 1))
    before = list(
        counts(made(root, tokenizer, cache).sources(), tokenizer.encode(function("beta")))
    )
    again = Index(root, tokenizer, MemoryConfig(), cache)
    after = list(counts(again.sources(), tokenizer.encode(function("beta"))))
    assert before == after != []
    read: list[Progress] = []
    assert again.update(say=read.append).read == 0
    assert not read
    os.utime(root / "src" / "beta.py", (2, 2))  # Touched, but the same.
    assert again.update(say=read.append).read == 1
    assert read == [Progress(0, 1, "src/beta.py")]
    assert again.status()["segments"] == 1


def test_another_tokenizer_has_an_index_of_its_own(
    root: Path, tokenizer: Tokenizer, cache: Path, tmp_path: Path
) -> None:
    made(root, tokenizer, cache)
    file = tmp_path / "other.json"
    file.write_text(tinies.tokenizer_json() + "\n", encoding="utf-8")
    assert Index(root, Tokenizer(file), MemoryConfig(), cache).status()["files"] == 0


small = st.sampled_from(["a.py", "b.py", "c/d.py", "c/e.py", "f.py"])
edits = st.lists(
    st.tuples(
        small, st.sampled_from([0, 1, 2, 3, 5, 8]), st.sampled_from(["write", "learn", "update"])
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("many", [update._MANY, 1500])
def test_an_index_kept_up_to_date_knows_what_a_new_one_knows(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(update, "SHORT", 1200)
    monkeypatch.setattr(update, "_MANY", many)
    monkeypatch.setattr(update, "_AT_ONCE", 150)
    folders = (tmp_path / str(number) for number in range(1_000_000))

    @settings(max_examples=8)
    @given(edits)
    def compare(steps: list[tuple[str, int, str]]) -> None:
        root = next(folders)
        root.mkdir()
        index = Index(root, tokenizer, MemoryConfig(), next(folders))
        for path, lines, then in steps:
            file = root / path
            if lines:
                put(root, path, function("abcdefgh"[lines - 1], lines))
            else:
                file.unlink(missing_ok=True)
            if then == "learn":
                index.changed(file)
            elif then == "update":
                assert index.update().whole
        assert index.update().whole
        # Whoever starts now sees no edits but what is written.
        kept = Index(root, tokenizer, MemoryConfig(), index._cache)
        new = made(root, tokenizer, next(folders))
        assert kept.status()["tokens"] == new.status()["tokens"]
        ids = tokenizer.encode("".join(function(name, 2) for name in "abcdefgh"))
        assert list(counts(kept.sources(), ids)) == list(counts(new.sources(), ids))

    compare()


def test_much_lies_in_few_long_segments(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "SHORT", 400)
    monkeypatch.setattr(update, "_MANY", 1600)
    monkeypatch.setattr(update, "_AT_ONCE", 150)
    root = tmp_path / "root"
    for number in range(60):
        put(root, f"new{number}.py", function(f"new{number}", 1 + number % 5))
    index = made(root, tokenizer, tmp_path / "cache")
    assert index.status()["tokens"] > 1600
    assert index.status()["segments"] <= 3
    assert index.status()["dead"] == 0
    assert said(index.sources(), tokenizer, "    new59_1 = new59.")


def test_many_small_updates_leave_few_segments(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    index = made(root, tokenizer, cache)
    for number in range(20):
        put(root, f"new{number}.py", function(f"new{number}", 1 + number % 5))
        assert index.update().whole
    assert index.status()["segments"] <= 4
    assert index.status()["dead"] == 0
    for number in range(20):
        (root / f"new{number}.py").unlink()
    assert index.update().whole
    assert index.status()["dead"] <= index.status()["tokens"] / 2
    assert len(list(cache.rglob("*.tokens"))) == index.status()["segments"]


def test_halted_it_goes_on_where_it_was(
    root: Path, tokenizer: Tokenizer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "_AT_ONCE", 250)
    for number in range(10):
        put(root, f"more{number}.py", function(f"more{number}"))
    for file in root.rglob("*.py"):
        os.utime(file, (1, 1))
    index = Index(root, tokenizer, MemoryConfig(), cache)
    seen: list[str] = []
    rounds = 0
    while not index.update(
        halted_after(seen, 3), lambda progress: seen.append(progress.file)
    ).whole:
        rounds += 1
        assert rounds < 20
        seen.append("")
    assert rounds >= 3
    read = [path for path in seen if path]
    # Nothing that was written is read again, and of the rest there is little.
    assert len(set(read)) == 13
    assert len(read) < 13 + 4 * rounds
    for number in range(10):
        assert said(index.sources(), tokenizer, f"    more{number}_1 = more{number}.")


def test_halted_it_knows_the_old_until_the_new_is_written(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    index = made(root, tokenizer, cache)
    put(root, "src/beta.py", function("delta"))
    os.utime(root / "src" / "beta.py", (2**32, 2**32))  # The latest is read first.
    (root / "src" / "gamma.py").unlink()
    seen: list[str] = []
    assert not index.update(halted_after(seen, 1), lambda one: seen.append(one.file)).whole
    assert seen == ["src/beta.py"]
    assert said(index.sources(), tokenizer, "    beta_1 = beta.")
    assert not said(index.sources(), tokenizer, "    gamma_1 = gamma.")
    assert index.update().whole
    assert not said(index.sources(), tokenizer, "    beta_1 = beta.")
    assert said(index.sources(), tokenizer, "    delta_1 = delta.")


def halted_after(seen: list[str], files: int) -> Callable[[], bool]:
    start = len(seen)
    return lambda: len(seen) - start >= files


def test_lookups_go_on_while_it_is_updated(root: Path, tokenizer: Tokenizer, cache: Path) -> None:
    index = made(root, tokenizer, cache)
    problems: list[BaseException] = []
    ended = threading.Event()

    def look() -> None:
        try:
            while not ended.is_set():
                sources = index.sources([str(root / "src" / "gamma.py")])
                assert said(sources, tokenizer, "    beta_1 = beta.")
                for source in sources:
                    for match in source.look(tokenizer.encode("    alpha_1 = alpha.")):
                        assert index.origin(source, match.place.at)
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(10):
        put(root, "src/alpha.py", function("alpha", 3 + number))
        index.changed(root / "src" / "alpha.py")
        assert index.update().whole
    ended.set()
    thread.join()
    assert not problems


def test_one_writes_and_the_other_reads_on(root: Path, tokenizer: Tokenizer, cache: Path) -> None:
    mine, other = made(root, tokenizer, cache), Index(root, tokenizer, MemoryConfig(), cache)
    put(root, "src/delta.py", function("delta"))
    with shelf.writing(Path(other.status()["folder"])) as writing:
        assert writing
        assert mine.update().busy
        assert said(mine.sources(), tokenizer, "    beta_1 = beta.")
    assert other.update().whole
    assert not said(mine.sources(), tokenizer, "    delta_1 = delta.")
    mine.refresh()
    assert said(mine.sources(), tokenizer, "    delta_1 = delta.")


def test_what_was_installed_is_a_source_of_its_own(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    put(root, "node_modules/m/index.js", function("epsilon"))
    assert len(made(root, tokenizer, cache).sources()) == 1
    sources = made(root, tokenizer, cache, dependencies=True).sources()
    assert [source.kind for source in sources] == [Kind.WORKSPACE, Kind.DEPENDENCIES]
    assert said(sources, tokenizer, "    epsilon_1 = epsilon.") == {
        (Kind.DEPENDENCIES, "call(1, 'eps")
    }


def test_a_cleared_index_is_gone_from_the_disk(
    root: Path, tokenizer: Tokenizer, cache: Path
) -> None:
    index, other = made(root, tokenizer, cache), made(root, tokenizer, cache)
    index.clear()
    assert not list(cache.rglob("*.tokens"))
    assert not index.sources()
    other.refresh()
    assert not other.sources()
    assert index.update().whole
    assert index.sources()


@pytest.mark.skipif(sys.platform == "win32", reason="there, folders of a user are the user's alone")
def test_nobody_else_can_read_it(root: Path, tokenizer: Tokenizer, cache: Path) -> None:
    made(root, tokenizer, cache)
    modes = {file.is_dir(): oct(file.stat().st_mode & 0o777) for file in cache.rglob("*")}
    assert modes == {True: "0o700", False: "0o600"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in [cache, *cache.rglob("*")])
