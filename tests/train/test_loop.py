"""Training itself: what is lost by a kill, what a run leaves behind, and the whole way to a suggestion."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import polylsp
from polylsp.cli.__main__ import main
from polylsp.client.editor import INVOKED, Editor
from polylsp.train import checkpoint, log

pytestmark = pytest.mark.heavy

PACKAGE = Path(polylsp.__file__).parent
SMALL = ["--config", "tiny", "--threads", "1", "--cpu", "--quiet"]
FEW = ["--set", "training.steps=14", "--set", "training.log=1", "--set", "training.validate=7"]


def _train(*arguments: Any) -> None:
    assert main(["train", "run", *map(str, arguments)]) == 0


def _weights(run: Path) -> bytes:
    newest = checkpoint.newest(run)
    assert newest is not None
    return b"".join((newest / f"{one}.safetensors").read_bytes() for one in ("model", "optimiser"))


def _losses(run: Path) -> dict[int, float]:
    return {row["step"]: row["loss"] for row in log.read(run) if row["kind"] == "step"}


def _start(arguments: Sequence[Any]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "polylsp", "train", "run", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _wait_for(run: Path, steps: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while len(_losses(run)) < steps and time.monotonic() < deadline:
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.05)
    assert len(_losses(run)) >= steps


def test_a_run_that_was_killed_goes_on_bit_for_bit(shards: Path, tmp_path: Path) -> None:
    common = ["--tokens", shards, *SMALL, *FEW]
    _train(tmp_path / "whole", *common)
    killed = tmp_path / "killed"
    process = _start([killed, *common, "--set", "training.save_minutes=0.0"])
    try:
        _wait_for(killed, 5, process)
    finally:
        process.kill()
        process.wait(60)
    newest = checkpoint.newest(killed)
    assert newest is not None
    assert 3 <= checkpoint.load(newest)[0].step < 14
    _train(killed, "--threads", "1", "--cpu", "--quiet")
    assert _weights(killed) == _weights(tmp_path / "whole")
    assert _losses(killed) == _losses(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot ask a process to end")
def test_a_run_that_is_asked_to_end_saves_first(shards: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = _start([run, "--tokens", shards, *SMALL, "--set", "training.log=1"])
    try:
        _wait_for(run, 2, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
    newest = checkpoint.newest(run)
    assert newest is not None
    assert checkpoint.load(newest)[0].step == max(_losses(run))


def test_a_cut_decays_and_leaves_its_run_as_it_was(
    shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, cut = tmp_path / "run", tmp_path / "cut"
    _train(run, "--tokens", shards, *SMALL, *FEW, "--do", 6)
    before = _weights(run)
    asked = ["train", "decay", str(run), str(cut), "--steps", "4", "--cpu", "--quiet", "--json"]
    capsys.readouterr()
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["step"] == 10
    rates = [row["rate"] for row in log.read(cut) if row["kind"] == "step"]
    assert rates[-1] <= rates[0] / 2
    assert _weights(run) == before
    picture = tmp_path / "picture.svg"
    assert main(["train", "plot", str(run), str(cut), str(picture)]) == 0
    assert "bits per byte" in picture.read_text(encoding="utf-8") or picture.stat().st_size > 5_000


def test_two_devices_worth_of_windows_at_a_time_are_one_step(shards: Path, tmp_path: Path) -> None:
    few = [*SMALL, "--tokens", shards, "--set", "training.steps=3", "--set", "training.log=1"]
    _train(tmp_path / "one", *few)
    _train(tmp_path / "parts", *few, "--set", "training.at_once=512")
    one, parts = _losses(tmp_path / "one"), _losses(tmp_path / "parts")
    assert one == pytest.approx(parts, abs=2e-3)


def test_what_cannot_be_is_said(
    shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong, said in (
        ([], "is no training run"),
        (["--config", "tiny"], "--tokens"),
        (["--config", "tiny", "--tokens", str(tmp_path)], "train tokens"),
        ([*SMALL, "--tokens", str(shards), "--set", "model.vocabulary=512"], "vocabulary"),
        ([*SMALL, "--tokens", str(shards), "--from", str(tmp_path)], "safetensors"),
    ):
        assert main(["train", "run", str(tmp_path / "run"), *wrong]) == 1
        assert said in capsys.readouterr().err
    assert main(["train", "export", str(tmp_path / "run"), str(tmp_path / "out")]) == 1
    assert "no training run" in capsys.readouterr().err


def test_tiny_from_sources_to_a_suggestion(tmp_path: Path) -> None:
    """What docs/training.md lists, in that order; then a real server completes with what came of it."""
    pytest.importorskip("datatrove")
    names = ("tokens", "run", "cut", "hf", "model")
    tokens, run, cut, folder, model = (tmp_path / one for one in names)
    corpus = _corpus(tmp_path)
    count = ["--config", "tiny", "--count", "100000", "--workers", "1"]
    assert main(["train", "tokens", str(corpus), str(tokens), *count]) == 0
    _train(run, "--tokens", tokens, *SMALL)
    bits = [row["bits_per_byte"] for row in log.read(run) if row["kind"] == "validation"]
    assert bits[-1]["mean"] < min(3.3, 0.95 * bits[0]["mean"]), "it learns"
    assert set(bits[-1]) == {"python", "mean"}
    assert main(["train", "decay", str(run), str(cut), "--steps", "10", "--cpu", "--quiet"]) == 0
    assert main(["train", "export", str(cut), str(folder)]) == 0
    _check_against_transformers(cut, folder)
    assert main(["export", str(folder), str(model), "--licence", "MIT", "--block", "64"]) == 0
    _train(tmp_path / "on", "--tokens", tokens, *SMALL, "--from", model, "--do", 10)
    losses = _losses(tmp_path / "on")
    assert max(losses.values()) < _losses(run)[min(_losses(run))], "it goes on"
    text = "def total(values: list[int]) -> int:\n    for value in values:\n        return value"
    words = ("def ", "(", "list[", "-> ", "for ", "in ", "return ")
    starts = [text[: text.index(word) + len(word)] for word in words]
    editor = Editor({"model": str(model), "engine": {"deadline": 30_000}})
    try:
        editor.wait_until_ready()
        # At some of them so small a model foretells the line's end: there is nothing to show.
        assert any(_completed(editor, start) for start in starts)
    finally:
        editor.quit()


def _completed(editor: Editor, text: str) -> list[str]:
    uri = f"file:///code/{len(text)}.py"
    editor.open(uri, "python", text)
    return editor.complete(uri, len(text), INVOKED)


def _corpus(root: Path) -> Path:
    """Two rooms of polylsp as packages, built as any corpus is."""
    for name, room in (("first", "engine"), ("second", "context")):
        shutil.copytree(PACKAGE / room, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        (root / name / "LICENSE").write_text("SPDX-License-Identifier: MIT\n", encoding="utf-8")
    folders = (f'{{ path = "{one}", licence = "MIT" }}' for one in ("first", "second"))
    (root / "recipe.toml").write_text(
        f"[sources]\nfolders = [{', '.join(folders)}]\n"
        '[validation]\nshare = 0.0\npackages = ["folder:second"]\n',
        encoding="utf-8",
    )
    places = [root / "corpus", "--recipe", root / "recipe.toml", "--packages", root / "packages"]
    command = [sys.executable, "-m", "polylsp", "corpus", "build", *map(str, places)]
    done = subprocess.run([*command, "--workers", "1"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return root / "corpus"


def _check_against_transformers(run: Path, folder: Path) -> None:
    """The exported folder says what the checkpoint said, but for 16 bits."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from polylsp.train.model import NeoX

    newest = checkpoint.newest(run)
    assert newest is not None
    model = NeoX(checkpoint.configuration(run)[0].model)
    model.load_state_dict(checkpoint.load(newest)[1])
    reference = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = AutoTokenizer.from_pretrained(folder)("int total = count;\n")["input_ids"]
    tokens = torch.tensor([[0, *ids]])
    with torch.no_grad():
        assert torch.allclose(model.logits(tokens), reference(tokens).logits, atol=0.05)
