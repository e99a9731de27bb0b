"""Which files are remembered, and which never."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from polylsp.engine.memory import Kind
from polylsp.syntax.languages import LANGUAGES
from polylsp.workspace.walk import MOST_BYTES, find, walk


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")


def walked(root: Path, dependencies: bool = False) -> list[str]:
    return sorted(found.path for found in walk(root, dependencies, lambda: False))


def test_all_files_of_known_languages_are_found(tmp_path: Path) -> None:
    ends = [end for language in LANGUAGES for end in language.extensions]
    names = [f"file{end}" if end.startswith(".") else end for end in ends]
    put(tmp_path, *names, "README.md", "data.json", "noise.bin", "file")
    assert walked(tmp_path) == sorted(names)


def test_what_git_ignores_is_not_found(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "b.py", "sub/a.py", "sub/b.py", "sub/made/x.py", ".git/info/x.py")
    (tmp_path / ".gitignore").write_text("/a.py\n")
    (tmp_path / "sub" / ".gitignore").write_text("made/\n")
    (tmp_path / ".git" / "info" / "exclude").write_text("b.py\n")
    assert walked(tmp_path) == ["sub/a.py"]
    assert walked(tmp_path / "sub") == ["a.py"]  # The rules above a folder hold in it, too.


def test_work_trees_and_the_users_own_list_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, tree = tmp_path / "main", tmp_path / "tree"
    put(main, ".git/info/exclude", ".git/worktrees/tree/commondir")
    (main / ".git" / "info" / "exclude").write_text("a.py\n")
    (main / ".git" / "worktrees" / "tree" / "commondir").write_text("../..\n")
    put(tree, "a.py", "b.py", "c.py")
    (tree / ".git").write_text(f"gitdir: {main / '.git' / 'worktrees' / 'tree'}\n")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "mine").write_text("b.py\n")
    (tmp_path / "home" / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert walked(tree) == ["c.py"]


def test_secrets_are_not_found(tmp_path: Path) -> None:
    put(tmp_path, ".env", "prod.env", ".ssh/config.py", "keys.pem", "id_rsa", "main.py")
    assert walked(tmp_path) == ["main.py"]


def test_what_programs_made_is_not_found(tmp_path: Path) -> None:
    put(tmp_path, "app.min.js", "api_pb2.py", "api.pb.go", "ui.designer.cs", "app.js")
    put(tmp_path, ".cache/x.py", "build/x.py", "pyproject.toml", "made/x.py", "made/CACHEDIR.TAG")
    put(tmp_path, "src/build/x.py")  # No project's folder, so this may be a package of that name.
    assert walked(tmp_path) == ["app.js", "src/build/x.py"]


def test_what_is_installed_is_found_where_it_is_wanted(tmp_path: Path) -> None:
    installed = [
        *("node_modules/koa/dist/index.js", ".venv/lib/site-packages/rich/text.py"),
        *("env/x.py", "vendor/golang.org/x.go"),
    ]
    put(tmp_path, "a.py", "vendor/modules.txt", ".venv/pyvenv.cfg", "env/pyvenv.cfg", *installed)
    (tmp_path / ".gitignore").write_text("node_modules\n.venv\n")
    assert walked(tmp_path) == ["a.py"]
    found = {one.path: one.kind for one in walk(tmp_path, True, lambda: False)}
    assert found.pop("a.py") is Kind.WORKSPACE
    assert found == dict.fromkeys(installed, Kind.DEPENDENCIES)


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(root, "a/x.py")
    put(outside, "secret.py")
    try:
        (root / "a" / "round").symlink_to(root, target_is_directory=True)
        (root / "out").symlink_to(outside, target_is_directory=True)
        (root / "one.py").symlink_to(outside / "secret.py")
        (root / "self.py").symlink_to(root / "self.py")
    except OSError:
        pytest.skip("this user may not make symbolic links")
    assert walked(root) == ["a/x.py"]
    for path in ("a/round/a/x.py", "out/secret.py", "one.py", "self.py"):
        assert find(root, path, False) is None


def test_what_is_huge_or_no_file_is_not_found(tmp_path: Path) -> None:
    put(tmp_path, "x.py", "folder.py/y.py")
    (tmp_path / "empty.py").touch()
    with (tmp_path / "huge.c").open("wb") as file:
        file.truncate(50 * MOST_BYTES)
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.py")
    assert walked(tmp_path) == ["folder.py/y.py", "x.py"]


def test_an_unreadable_folder_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path, "x.py", "closed/y.py")
    (tmp_path / "closed").chmod(0)
    try:
        if os.access(tmp_path / "closed", os.R_OK):
            pytest.skip("this user may read everything")
        with caplog.at_level("INFO"):
            assert walked(tmp_path) == ["x.py"]
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert "closed cannot be read" in caplog.text


def test_one_file_is_judged_as_on_a_walk(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "no.py", "deep/er/x.py", "deep/no.py", ".hidden/x.py", "README.md")
    put(tmp_path, "node_modules/m/index.js", "keys.pem", "deep/ignored/x.py")
    (tmp_path / ".gitignore").write_text("no.py\n")
    (tmp_path / "deep" / ".gitignore").write_text("ignored\n")
    everything = [
        file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()
    ]
    for dependencies in (False, True):
        on_a_walk = {one.path: one for one in walk(tmp_path, dependencies, lambda: False)}
        for path in [*everything, "gone.py", "deep/gone/x.py", "a.py/x.py", ""]:
            assert find(tmp_path, path, dependencies) == on_a_walk.get(path), path


def test_it_ends_once_halted(tmp_path: Path) -> None:
    put(tmp_path, "a/x.py", "b/x.py", "c/x.py")
    halts = iter([False, False, True])
    assert len(list(walk(tmp_path, False, lambda: next(halts)))) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no UTF-8 are Linux's")
def test_names_that_nobody_could_show_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "x.py")
    subprocess.run(["touch", os.fsencode(tmp_path) + b"/\xff.py"], check=True)
    assert walked(tmp_path) == ["x.py"]
