"""Tasks, and the place where programs are run that a model wrote a line of."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.backend import Logits
from polylsp.errors import PolyError
from polylsp.evals.infilling import tasks
from polylsp.evals.infilling.measure import Evaluation, cursor
from polylsp.evals.infilling.ranked import ranked
from polylsp.evals.infilling.sandbox import Sandbox
from polylsp.evals.infilling.table import table
from polylsp.evals.infilling.tasks import Task
from polylsp.evals.polyline.speaker import Speaker
from polylsp.evals.polyline.ways import PREFIX, SUFFIX
from polylsp.types import Cursor, Snapshot
from tests.fakes import FIRST_BYTE, ScriptedWeights, scripted_model

TASK = Task(
    task_id="mine/0",
    entry_point="twice",
    prompt="def twice(x):\n    y = x\n",
    suffix="    return y\n",
    canonical_solution="    y = 2 * y\n",
    test="def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(3) == 6\n",
)
QUICK = Sandbox(seconds=20.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "tasks.jsonl.gz"
    found.write_bytes(gzip.compress((json.dumps(asdict(TASK)) + "\n").encode()))
    return found


def test_tasks_are_read_and_what_holds_none_is_said(file: Path, tmp_path: Path) -> None:
    assert tasks.load(str(file)) == [TASK]
    for wrong in ("{}\n", "no JSON\n", ""):
        (tmp_path / "wrong.jsonl").write_text(wrong, encoding="utf-8")
        with pytest.raises(PolyError, match="holds no tasks"):
            tasks.load(str(tmp_path / "wrong.jsonl"))


def test_a_program_passes_where_its_test_does() -> None:
    assert QUICK.passes(TASK.program("    y = 2 * y"))
    assert not QUICK.passes(TASK.program("    y = 3 * y"))
    assert not QUICK.passes(TASK.program("    y = ("))


@pytest.mark.parametrize("line", ["    raise SystemExit", "    import os; os._exit(0)"])
def test_to_leave_early_is_no_success(line: str) -> None:
    assert not QUICK.passes(TASK.program(line))


def test_what_never_ends_is_ended() -> None:
    assert not Sandbox(seconds=0.5).passes("while True: pass")


@pytest.mark.skipif(os.name != "posix", reason="there is no such limit")
def test_what_takes_too_much_memory_fails() -> None:
    small = Sandbox(seconds=20.0, megabytes=256)
    assert not small.passes("kept = bytearray(1 << 30)")
    assert small.passes("kept = bytearray(1 << 20)")


@pytest.mark.skipif(sys.platform != "linux", reason="there are no namespaces")
def test_a_program_has_no_network_where_that_can_be_had() -> None:
    if not QUICK.covers()["network"]:
        pytest.skip("users may not have namespaces here")
    # Another machine cannot even be tried: there is no way to any.
    program = (
        "import socket\n"
        "one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "try:\n    one.connect(('192.0.2.1', 9))\n"
        "except OSError:\n    pass\n"
        "else:\n    raise SystemExit(1)\n"
    )
    assert QUICK.passes(program)


def test_a_program_finds_an_empty_folder_and_nothing_of_the_users() -> None:
    program = "import os\nassert os.listdir('.') == []\nassert 'SECRET_TOKEN' not in os.environ\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_TOKEN", "x")
        assert QUICK.passes(program)


def test_what_stands_behind_is_seen_only_where_it_may_be() -> None:
    assert cursor(TASK, PREFIX).suffix == ""
    behind = cursor(TASK, SUFFIX)
    assert behind.suffix == "\n    return y\n"
    assert behind.prefix == TASK.prompt


def test_a_model_fills_tasks_in_both_ways(tmp_path: Path) -> None:
    again = replace(TASK, task_id="mine/1", prompt=TASK.prompt.replace("y = x", "y = x * 1"))
    report = Evaluation([TASK, again], QUICK, tmp_path).report(["embedded"], "mine")
    ways = report["models"]["embedded"]
    assert ways["fills"]
    assert set(ways) == {"fills", "prefix", "suffix"}
    for row in (ways["prefix"], ways["suffix"]):
        assert 0 <= row["exact"] <= row["pass"] <= 1
    assert "not limited here" in table(report)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_model_that_only_reads_on_chooses_by_what_stands_behind(tmp_path: Path) -> None:
    """It says `a` or `b` as likely, and after `b` alone what stands behind."""
    a, b, end = (FIRST_BYTE + ord(one) for one in "ab\n")

    class Torn(ScriptedWeights):
        def logits(self, token_ids: Sequence[int]) -> Logits:
            found = np.full(self.n_vocab, -20.0, np.float32)
            last = token_ids[-1]
            if last in (a, b):
                found[end] = 0
            elif last == end and len(token_ids) > 1 and token_ids[-2] in (a, b):
                found[FIRST_BYTE + ord("z" if token_ids[-2] == b else "y")] = 0
            else:
                found[[a, b]] = 0.01, 0
            return found

    speaker = Speaker(scripted_model(tmp_path, Torn(lambda _: 0)))
    place = Cursor(Snapshot("humaneval:solution.py", 0, "python", "x\n"), 2)
    lines = speaker.candidates(place, PREFIX)[1]
    assert set(lines) == {"a", "b"}, "one that is drawn differs from the likeliest"
    assert ranked(speaker, place, "z") == "b"
    assert ranked(speaker, place, "") == "a"


def test_a_set_is_fetched_once_and_must_be_the_one_that_was_published(
    file: Path, tmp_path: Path
) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git")
    origin = tmp_path / "origin"
    (origin / "data").mkdir(parents=True)
    data = file.read_bytes()
    (origin / "data" / "tasks.jsonl.gz").write_bytes(data)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "data"],
    ):
        subprocess.run([git, *command], cwd=origin, check=True)
    published = tasks.Published(
        origin.as_uri(), "data/tasks.jsonl.gz", hashlib.sha256(data).hexdigest()
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "shelf", lambda: tmp_path / "shelf")
        patch.setitem(tasks.NAMES, "mine", published)
        patch.setitem(tasks.NAMES, "wrong", replace(published, sha256="0" * 64))
        assert tasks.load("mine") == [TASK]
        (origin / "data" / "tasks.jsonl.gz").unlink()
        assert tasks.load("mine") == [TASK], "it is there already"
        with pytest.raises(PolyError, match="no longer"):
            tasks.load("wrong")
