"""`polylsp corpus`: what it says, and what it checks. Builds are tested beside the room."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from polylsp.cli.__main__ import main
from polylsp.corpus import recipe, report, store
from polylsp.corpus.files.source import SourceFile
from polylsp.corpus.likeness.shingles import SHINGLE, runs, signature, words
from polylsp.corpus.order import hash_of
from polylsp.corpus.writing import write_language
from tests.corpus.planted import HUMANEVAL, KEY, code


def corpus(out: Path, texts: dict[str, str], licence: str = "MIT") -> Path:
    """A corpus of one folder, made without any of the checks."""
    (out / "work").mkdir(parents=True)
    made = recipe.parse('[sources]\nfolders = [{ path = "a" }]\n[validation]\nshare = 0.0\n', out)
    (out / "recipe.toml").write_text(made.text)
    files = [
        SourceFile(
            "folder:a",
            "",
            path,
            len(text),
            "python",
            licence=licence,
            text=text,
            sha256=hash_of(text),
        )
        for path, text in sorted(texts.items())
    ]
    table = np.array([signature(runs(words(one.text), SHINGLE)) for one in files])
    store.write_source(out / "work", 0, files, table, store.Others(2, 10))
    write_language(made, out, out / "work", "python")
    report.finish(made, out, out / "work")
    return out


def verified(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, dict[str, object]]]:
    code_ = main(["corpus", "verify", str(out), "--json"])
    return code_, json.loads(capsys.readouterr().out)["problems"]


def test_a_clean_corpus_is_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = corpus(tmp_path / "out", {"a.py": code(1), "b.py": code(2)})
    assert verified(out, capsys) == (0, {})
    assert main(["corpus", "stats", str(out)]) == 0
    said = capsys.readouterr().out
    assert "2 files" in said
    assert "dropped: language 2 files" in said


@pytest.mark.parametrize(
    ("text", "licence", "kind"),
    [
        (f"{code(1)}\n{HUMANEVAL}", "MIT", "a benchmark's task"),
        (f'{code(1)}\nkey = "{KEY}"\n', "MIT", "a secret"),
        (code(1), "GPL-2.0", "a licence is not permissive"),
    ],
)
def test_what_should_not_be_there_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, licence: str, kind: str
) -> None:
    out = corpus(tmp_path / "out", {"a.py": text}, licence)
    status, problems = verified(out, capsys)
    assert status == 1
    assert problems == {kind: {"number": 1, "first": ["folder:a/a.py"]}}


def test_what_was_changed_since_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = corpus(tmp_path / "out", {"a.py": code(1), "b.py": code(2)})
    (piece,) = (out / "text").glob("*/*/*.gz")
    lines = gzip.decompress(piece.read_bytes()).decode().splitlines()
    changed = json.loads(lines[0]) | {"text": "x = 1\n"}
    piece.write_bytes(gzip.compress(json.dumps(changed).encode() + b"\n"))
    status, problems = verified(out, capsys)
    assert status == 1
    assert set(problems) == {
        "a file is not what the report says",
        "a text is not what its hash says",
        "the manifest has a file that the text has not",
    }


def test_what_is_no_corpus_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("stats", "verify"):
        assert main(["corpus", what, str(tmp_path)]) == 1
        assert "polylsp corpus build makes one" in capsys.readouterr().err


def test_the_shipped_recipe_can_be_had_and_parsed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["corpus", "recipe"]) == 0
    said = capsys.readouterr().out
    assert recipe.parse(said, tmp_path).sources == recipe.read(None).sources


def test_a_guard_is_made_of_folders_and_benchmarks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "held").mkdir()
    (tmp_path / "held" / "a.py").write_text(code(1))
    (tmp_path / "tasks.jsonl").write_text(json.dumps({"prompt": code(2)}) + "\n")
    asked = [str(tmp_path / "held"), str(tmp_path / "tasks.jsonl")]
    assert main(["corpus", "guard", *asked, "--to", str(tmp_path / "g.npz")]) == 0
    assert "20 bands of files" in capsys.readouterr().out
    assert main(["corpus", "guard", "--to", str(tmp_path / "g.npz")]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Slurm is a system of Unix")
def test_a_cluster_is_given_every_stage_behind_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an `sbatch` that only writes down what it is asked."""
    script, asked = tmp_path / "bin" / "sbatch", tmp_path / "asked"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {asked}\necho Submitted batch job $(wc -l < {asked})\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    (tmp_path / "a").mkdir()
    mine = tmp_path / "my.toml"
    mine.write_text('[sources]\nfolders = [{ path = "a" }]\n')
    build = ["corpus", "build", str(tmp_path / "out"), "--recipe", str(mine), "--cluster", "slurm"]
    assert main(build) == 1
    assert "--option partition=… --option time=" in capsys.readouterr().err
    assert main([*build, "--option", "partition=cpu", "--option", "time=1:00:00"]) == 0
    lines = asked.read_text().splitlines()
    after = [line.partition("--dependency=afterok:")[2].partition(" ")[0] for line in lines]
    assert [one for one in after if one] == ["1", "3", "5"]
    jobs = sorted(one.parent.name for one in (tmp_path / "out").rglob("launch_script.slurm"))
    assert jobs == ["duplicates", "report", "sources", "text"]
