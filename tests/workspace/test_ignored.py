"""What git leaves out is left out, as git itself does it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polylsp.workspace.walk import walk

NAMES = ("x.py", "xy.py", "a.py", "b b.py", "[a].py", "#x.py", "!x.py", "-.py")
FOLDERS = ("", "a", "a/b", "a/b/a", "b", "ab", "a b")

PARTS = ("*", "**", "?", "/", "a", "b", "x", ".py", "x.py", "**/", "/**", "[ab]", "[!a]", "[a-x]")
ODD = ("[", "]", "\\", " ", "#", "!", "[[:alpha:]]", "[]a]", "-", "\\ ")
lines = st.builds(
    lambda negated, parts, end: "!" * negated + "".join(parts) + end,
    st.booleans(),
    st.lists(st.sampled_from(PARTS) | st.sampled_from(ODD), min_size=1, max_size=5),
    st.sampled_from(("", "", "/", " ", "\r")),
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    for folder in FOLDERS:
        (root / folder).mkdir(exist_ok=True)
        for name in NAMES:
            (root / folder / name).write_text("x\n")
    return root


def git(root: Path, *arguments: str) -> bytes:
    alone = {"HOME": str(root), "XDG_CONFIG_HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(root), *arguments]
    environment = {**os.environ, **alone}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def ours(root: Path) -> set[str]:
    return {found.path for found in walk(root, False, lambda: False)}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not there to compare with")
@pytest.mark.skipif(os.name == "nt", reason="these names are none on Windows")
def test_rules_mean_what_git_takes_them_for(checkout: Path) -> None:
    git(checkout, "init", "-q")

    @settings(max_examples=60)
    @given(st.lists(lines, max_size=4), st.lists(lines, max_size=3))
    def compare(outer: list[str], inner: list[str]) -> None:
        (checkout / ".gitignore").write_bytes("\n".join(outer).encode())
        (checkout / "a" / ".gitignore").write_bytes("\n".join(inner).encode())
        theirs = git(checkout, "ls-files", "-o", "--exclude-standard", "-z").decode().split("\0")
        assert ours(checkout) == {path for path in theirs if path.endswith(".py")}

    compare()


def test_no_rule_takes_for_ever(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*a" * 60 + "b\n" + "**/a/" * 40 + "b\n" + "[!b]*" * 60)
    deep = tmp_path / "/".join("a" * 30)
    deep.mkdir(parents=True)
    (deep / ("a" * 200 + ".py")).write_text("x\n")
    (tmp_path / "x.py").write_text("x\n")
    assert ours(tmp_path) == {"x.py"}  # The last rule is for longer names.
