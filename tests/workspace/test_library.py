"""Several workspace folders are known as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from polylsp.config import MemoryConfig
from polylsp.engine.memory import Kind
from polylsp.prompt.tokenizer import Tokenizer
from polylsp.workspace.library import Library, known
from tests import tinies
from tests.workspace.folders import function, put, said


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return tinies.tokenizer(tmp_path)


@pytest.fixture
def library(tmp_path: Path, tokenizer: Tokenizer) -> Library:
    put(tmp_path, "one/alpha.py", function("alpha"))
    put(tmp_path, "two/beta.py", function("beta"))
    put(tmp_path, "two/inner/gamma.py", function("gamma"))
    return Library(tokenizer, MemoryConfig(), tmp_path / "cache")


def test_folders_are_looked_up_as_one_source(
    library: Library, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    library.folders([tmp_path / "one", tmp_path / "two"])
    assert library.update().whole
    [source] = library.sources()
    for name, path in (("alpha", "one/alpha.py"), ("gamma", "two/inner/gamma.py")):
        [first, *_] = source.look(tokenizer.encode(f"    {name}_1 = {name}."))
        assert library.origin(source, first.place.at) == (path, 3)
    library.changed(tmp_path / "two" / "beta.py")
    library.changed(tmp_path / "one" / "alpha.py")
    stored, recent = library.sources([str(tmp_path / "one" / "alpha.py")])
    assert (stored.kind, recent.kind) == (Kind.WORKSPACE, Kind.RECENT)
    assert not said([stored, recent], tokenizer, "    alpha_1 = alpha.")
    [first, *_] = recent.look(tokenizer.encode("    beta_1 = beta."))
    assert library.origin(recent, first.place.at) == ("two/beta.py", 3)


def test_a_single_folder_is_not_named(
    library: Library, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    library.folders([tmp_path / "one"])
    library.update()
    [source] = library.sources()
    [first, *_] = source.look(tokenizer.encode("    alpha_1 = alpha."))
    assert library.origin(source, first.place.at) == ("alpha.py", 3)


def test_a_folder_within_another_is_known_once(library: Library, tmp_path: Path) -> None:
    library.folders([tmp_path / "two" / "inner", tmp_path / "two", tmp_path / "two"])
    assert [index.root for index in library.indexes] == [(tmp_path / "two").resolve()]


def test_folders_come_and_go(library: Library, tokenizer: Tokenizer, tmp_path: Path) -> None:
    assert library.sources() == ()
    assert library.update().whole
    library.folders([tmp_path / "one", tmp_path / "two"])
    library.update()
    [kept, _] = library.indexes
    library.folders([tmp_path / "one"])
    assert library.indexes == (kept,)
    assert not said(library.sources(), tokenizer, "    beta_1 = beta.")
    library.folders([tmp_path / "one", tmp_path / "two"])
    assert said(library.sources(), tokenizer, "    beta_1 = beta.")


def test_every_index_of_the_machine_is_told_of_until_it_is_deleted(
    library: Library, tmp_path: Path
) -> None:
    library.folders([tmp_path / "one", tmp_path / "two"])
    library.update()
    assert {row["root"]: row["files"] for row in known(tmp_path / "cache")} == {
        str((tmp_path / "one").resolve()): 1,
        str((tmp_path / "two").resolve()): 2,
    }
    assert [row["files"] for row in library.status()] == [1, 2]
    library.clear()
    assert known(tmp_path / "cache") == []


def test_halted_it_begins_with_no_other_folder(library: Library, tmp_path: Path) -> None:
    library.folders([tmp_path / "one", tmp_path / "two"])
    assert not library.update(halted=lambda: True).whole
    assert [row["files"] for row in library.status()] == [0, 0]
