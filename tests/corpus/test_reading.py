"""Which files a source has, and what they are called."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from polylsp.corpus.reading import listing
from polylsp.corpus.recipe import Source
from polylsp.errors import PolyError
from tests.corpus import planted


def write(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"int {path.count('/')};\n")
    return root


def names(source: Source, shelf: Path | None = None) -> list[str]:
    return sorted(file.path for file in listing(source, shelf).files())


def test_the_folder_that_an_archive_makes_is_not_shown(tmp_path: Path) -> None:
    write(tmp_path / "debian-a=1.0-1", "a-1.0/src/a.c", "a-1.0/LICENSE", "debian/copyright")
    write(tmp_path / "pypi-b==2.0", "b/b.py", "b-2.0.dist-info/METADATA")
    found = names(Source("debian:a", "1.0-1"), tmp_path)
    assert found == ["LICENSE", "debian/copyright", "src/a.c"]
    assert names(Source("pypi:b", "2.0"), tmp_path) == ["b-2.0.dist-info/METADATA", "b/b.py"]


def test_a_link_is_no_file(tmp_path: Path) -> None:
    write(tmp_path / "a", "a.c", "b/b.c")
    try:
        (tmp_path / "a" / "link.c").symlink_to(tmp_path / "a" / "a.c")
        (tmp_path / "a" / "c").symlink_to(tmp_path / "a" / "b", target_is_directory=True)
    except OSError:
        pytest.skip("this user may not make links")
    assert names(Source("folder:a", "", str(tmp_path / "a"))) == ["a.c", "b/b.c"]


def test_the_order_is_drawn_by_lot_and_always_the_same(tmp_path: Path) -> None:
    source = Source("folder:a", "", str(write(tmp_path / "a", *(f"{n}.c" for n in range(20)))))
    first = [file.path for file in listing(source).files()]
    assert first == [file.path for file in listing(source).files()]
    assert first != sorted(first)


def test_of_a_checkout_the_commit_of_the_recipe_is_read(tmp_path: Path) -> None:
    if not planted.checkout(tmp_path / "made"):
        pytest.skip("needs git")
    made = tmp_path / "made"
    head = git(made, "rev-parse", "HEAD")
    (made / "later.py").write_text("x = 1\n")
    git(made, "add", ".")
    git(made, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "b")
    source = Source("git:made", head, str(made))
    assert names(source, tmp_path / "shelf") == ["LICENSE", "cloned.py"]
    assert names(source, tmp_path / "shelf") == ["LICENSE", "cloned.py"], "once is enough"
    with pytest.raises(PolyError, match="git checkout failed"):
        listing(Source("git:made", "0" * 40, str(made)), tmp_path / "shelf")


def test_of_a_folder_under_git_only_what_is_tracked_is_read(tmp_path: Path) -> None:
    if not planted.checkout(tmp_path / "made"):
        pytest.skip("needs git")
    write(tmp_path / "made", "build/a.c")
    assert names(Source("folder:made", "", str(tmp_path / "made"))) == ["LICENSE", "cloned.py"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolyError, match="no such folder"):
        listing(Source("folder:a", "", str(tmp_path / "a")))


def git(place: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(place), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
