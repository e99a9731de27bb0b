"""A whole build, by real processes: what is planted is caught; twice the same; killed, it goes on."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from polylsp.cli.__main__ import main
from polylsp.corpus import recipe, store
from polylsp.corpus.build import Plan, ask_again
from polylsp.corpus.executors import Stage, ended
from tests.corpus import planted


def command(root: Path, out: Path, workers: int) -> list[str]:
    places = [str(out), "--recipe", str(root / "recipe.toml"), "--packages", str(root / "packages")]
    return [sys.executable, "-m", "polylsp", "corpus", "build", *places, "--workers", str(workers)]


def build(root: Path, out: Path, workers: int) -> None:
    done = subprocess.run(command(root, out, workers), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        return [json.loads(line) for line in opened]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus")
    planted.plant(root)
    build(root, root / "out", workers=2)
    return root / "out"


@pytest.fixture(scope="module")
def manifest(built: Path) -> dict[str, dict[str, Any]]:
    return {row["path"]: row for row in rows(built / "manifest.jsonl.gz")}


def texts(out: Path, split: str = "*") -> dict[str, str]:
    pieces = sorted((out / "text").glob(f"{split}/*/*.jsonl.gz"))
    return {row["path"]: row["text"] for piece in pieces for row in rows(piece)}


def test_a_planted_secret_is_redacted(built: Path, manifest: dict[str, dict[str, Any]]) -> None:
    text = texts(built)["secret.py"]
    assert planted.KEY not in text
    assert "jane.roe" not in text
    assert 'key = "REDACTED"' in text
    assert sorted(manifest["secret.py"]["changes"]) == ["email", "secret"]
    assert all(planted.KEY not in one for one in texts(built).values())


@pytest.mark.parametrize(
    ("path", "decision"),
    [
        ("copyleft.py", "licence"),
        ("task.py", "benchmark"),
        ("nearly.py", "near duplicate"),
        ("plain_again.py", "exact duplicate"),
        ("app.js", "minified"),
        ("vendor/theirs.py", "vendored or built"),
    ],
)
def test_what_is_planted_is_caught(
    built: Path, manifest: dict[str, dict[str, Any]], path: str, decision: str
) -> None:
    assert manifest[path]["decision"] == decision
    assert path not in texts(built)


def test_every_kept_file_knows_licence_and_source(
    built: Path, manifest: dict[str, dict[str, Any]]
) -> None:
    kept = {path for path, row in manifest.items() if row["decision"] == "kept"}
    assert kept == {
        "plain.py",
        "other.py",
        "windows.py",
        "secret.py",
        "own.py",
        "old.py",
        *cloned(),
    }
    assert kept == set(texts(built))
    for path in kept:
        assert manifest[path]["licence"] == "MIT"
        assert manifest[path]["package"] in ("folder:first", "folder:second", "git:cloned")
    assert manifest["copyleft.py"]["licence"] == "GPL-2.0"


def test_line_ends_and_encodings_are_one(built: Path, manifest: dict[str, dict[str, Any]]) -> None:
    assert texts(built)["windows.py"] == planted.code(3)
    assert manifest["windows.py"]["changes"] == ["line ends"]
    assert "# caf\xe9\n" in texts(built)["old.py"]


def test_packages_are_split_whole(built: Path) -> None:
    assert set(texts(built, "validation")) == {"own.py", "old.py"}
    assert set(texts(built, "train")) == {
        *("plain.py", "other.py", "windows.py", "secret.py"),
        *cloned(),
    }


def cloned() -> set[str]:
    return {"cloned.py"} if shutil.which("git") else set()


def test_each_step_is_counted(built: Path) -> None:
    report = json.loads((built / "report.json").read_text())
    steps = report["steps"]
    for one, following in pairwise(steps):
        assert one["out"] == following["in"]
        assert one["in"]["files"] - one["dropped"]["files"] == one["out"]["files"]
    assert steps[0]["in"]["files"] == 15 + 2 * len(cloned())
    assert steps[-1]["out"] == report["kept"]
    assert report["kept"]["files"] == 6 + len(cloned())
    assert "<svg" in (built / "report.svg").read_text()
    assert "| licence |" in (built / "report.md").read_text()


def test_a_source_that_cannot_be_had_is_said_and_counted(built: Path) -> None:
    sources = json.loads((built / "report.json").read_text())["sources"]
    assert sources["asked"] == 3 + len(cloned())
    (missing,) = sources["missing"]
    assert missing.startswith("folder:nowhere")
    assert "no such folder" in sources["missing"][missing]
    assert "could not be had" in (built / "report.md").read_text()


def test_a_source_that_was_missing_is_asked_for_again_and_all_that_follows(tmp_path: Path) -> None:
    folders = ", ".join(f'{{ path = "{name}" }}' for name in "abc")
    plan = Plan(recipe.parse(f"[sources]\nfolders = [{folders}]\n", tmp_path), tmp_path / "out")
    stages = [Stage("sources", [], 3), Stage("duplicates", [], 1), Stage("text", [], 12)]
    for stage in stages:
        for task in range(stage.tasks):
            mark = plan.logs / stage.name / "completions" / f"{task:05}"
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
    ask_again(plan, stages)
    assert [len(ended(plan.logs, one.name)) for one in stages] == [3, 1, 12]
    store.note_missing(plan.work, 1, "the mirror was away")
    ask_again(plan, stages)
    assert [ended(plan.logs, one.name) for one in stages] == [{0, 2}, set(), set()]


def test_what_is_whole_is_not_built_again(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (built / "report.json").stat().st_mtime_ns
    assert main(command(built.parent, built, 1)[3:]) == 0
    assert "whole already" in capsys.readouterr().err
    assert (built / "report.json").stat().st_mtime_ns == before
    assert not (built / "work" / "sources").exists()


def test_a_folder_has_one_recipe(built: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text('[sources]\nfolders = [{ path = "." }]\n')
    arguments = ["corpus", "build", str(built), "--recipe", str(tmp_path / "recipe.toml")]
    assert main(arguments) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="stops at a script")
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_killed_and_gone_on_with_it_is_the_same(built: Path, tmp_path: Path) -> None:
    """Gone on with by one worker instead of two; killed while one waits for a checkout behind the folders."""
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nexec sleep 1000\n")
    script.chmod(0o755)
    shutil.rmtree(built.parent / "packages")
    killed_after(built.parent, tmp_path / "out", f"{script.parent}:{os.environ['PATH']}")
    build(built.parent, tmp_path / "out", workers=1)
    assert (built / "report.json").read_bytes() == (tmp_path / "out" / "report.json").read_bytes()
    for file in json.loads((built / "report.json").read_text())["files"]:
        assert (built / file).read_bytes() == (tmp_path / "out" / file).read_bytes()


def killed_after(root: Path, out: Path, path: str) -> None:
    """Begin to build, and kill all of it once both folders have been read."""
    process = subprocess.Popen(
        command(root, out, 2),
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ended = out / "work" / "logs" / "sources" / "completions"
    while len(list(ended.glob("*"))) < 2:
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.02)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    for one in workers:
        # The script; and what connects the workers, which idles on: it knows nothing of its parent.
        with suppress(psutil.NoSuchProcess):  # Some have ended by now.
            if one.name() == "sleep" or "corpus" in one.cmdline():
                one.kill()
    _, left = psutil.wait_procs(workers, timeout=30)
    assert not left, "workers go on without a build"
