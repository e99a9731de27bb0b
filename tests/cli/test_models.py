"""`polylsp models` as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main
from polylsp.export import fake
from polylsp.models import extras
from polylsp.models.known import KNOWN
from tests import tinies
from tests.models import hubs

POLYCODER = "NinedayWang/PolyCoder-160M"
CODE = "def area(width, height):\n    return width\n"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLYLSP_MODELS", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    """A hub that serves a folder laid out as PolyCoder's is published: pickles, no tokenizer.json."""
    folder = fake.make(tmp_path / "published", "tiny", dtype="fp16")
    with hubs.serving(hubs.Hub(models={POLYCODER: folder})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def test_the_model_that_ships_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("embedded ")
    assert "MIT" in said
    assert "polylsp/models/embedded" in said.replace("\\", "/")


def test_models_that_can_be_pulled_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    for model in KNOWN:
        assert f"polylsp models pull {model.name}\n" in said
        assert model.licence in said


def test_folders_are_listed_beside_them_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tinies.exported(tmp_path, tinies.LLAMA, "int4")
    assert main(["models", "list", str(folder), "--json"]) == 0
    embedded, *known, llama = json.loads(capsys.readouterr().out)
    assert (embedded["name"], embedded["local"]) == ("embedded", True)
    assert [one["name"] for one in known] == [model.name for model in KNOWN]
    assert not any(one["local"] for one in known)
    assert all(set(one["memory"]) == {"fp32", "int8", "int4"} for one in known)
    assert (llama["name"], llama["weights"], llama["folder"]) == ("llama", "int4-b32", str(folder))


def test_one_broken_folder_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tinies.exported(tmp_path)
    assert main(["models", "list", str(tmp_path / "missing"), str(folder)]) == 1
    said = capsys.readouterr()
    assert "neox" in said.out
    assert said.err.startswith("polylsp: there is no folder ")


def test_a_pulled_model_completes_with_no_network(
    hub: hubs.Hub, tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", "polycoder-160m", "--backend", "onnx"]) == 0
    said = capsys.readouterr().err
    for line in (
        f"from the hub: {POLYCODER}, 700 MB",
        "licence mit",
        "verified: 6 files by their SHA-256",
        "converting polycoder-160m for onnx, weights int8",
        "polycoder-160m runs: ",
        "use it: polylsp complete --model polycoder-160m FILE:LINE",
    ):
        assert line in said
    asked = len(hub.requests)
    (tmp_path / "code.py").write_text(CODE, encoding="utf-8")
    code = main(["complete", "--model", POLYCODER, f"{tmp_path / 'code.py'}:2", "--json"])
    assert code in (0, 1)  # Random weights may say nothing that can be shown.
    assert json.loads(capsys.readouterr().out)["model"] == "polycoder-160m"
    assert len(hub.requests) == asked


def test_a_pulled_model_is_listed_verified_and_removed(
    hub: hubs.Hub, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", "polycoder-160m", "--backend", "onnx", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["source"], report["id"]) == ("hub", POLYCODER)
    assert main(["models", "list", "--json"]) == 0
    rows = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert rows["polycoder-160m"]["folder"] == report["folder"]
    assert main(["models", "verify", "polycoder-160m", "--json"]) == 0
    verified = json.loads(capsys.readouterr().out)
    assert (verified["problems"], verified["completion"]) == ([], report["completion"])
    with (root / "polycoder-160m" / "source" / "vocab.json").open("ab") as opened:
        opened.write(b" ")
    assert main(["models", "verify", "polycoder-160m"]) == 1
    assert "vocab.json is not what was downloaded" in capsys.readouterr().err
    assert main(["models", "rm", "polycoder-160m"]) == 0
    assert "are free again" in capsys.readouterr().out
    assert not (root / "polycoder-160m").exists()


def test_missing_extras_are_named_before_anything_is_fetched(
    hub: hubs.Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extras, "missing", lambda _: ["onnx>=1.19"])
    assert main(["models", "pull", "polycoder-160m", "--backend", "onnx"]) == 1
    said = capsys.readouterr().err
    assert "converting it needs onnx>=1.19: pip install 'polylsp[export]'" in said
    assert hub.requests == []


def test_missing_extras_are_installed_with_consent(
    hub: hubs.Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extras, "missing", lambda _: ["no-such-package>=1"])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert main(["models", "pull", "polycoder-160m", "--backend", "onnx", "--yes"]) == 1
    assert "no-such-package>=1 could not be installed" in capsys.readouterr().err
    assert hub.requests == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pull", "gpt"], "there is no model 'gpt': give one of polycoder-160m"),
        (["rm", "embedded"], "the embedded model is a part of polylsp: it stays"),
        (["rm", "gpt"], "there is no 'gpt' in "),
        (["verify", "polycoder-160m"], "is not on this machine: `polylsp models pull"),
    ],
)
def test_what_cannot_be_is_told(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", *arguments]) == 1
    assert said in capsys.readouterr().err


def test_the_embedded_model_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", "embedded"]) == 0
    assert "embedded runs: '    return' goes on with ' width" in capsys.readouterr().err


def test_a_fake_is_laid_out_as_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "fake"
    arguments = ["--size", "tiny", "--layout", "headerless", "--storage", "safetensors"]
    assert main(["models", "fake", str(folder), *arguments]) == 0
    assert f"polylsp complete --model {folder}" in capsys.readouterr().out
    assert {"config.json", "vocab.json", "merges.txt", "model.safetensors"} <= {
        file.name for file in folder.iterdir()
    }
    assert not (folder / "merges.txt").read_text(encoding="utf-8").startswith("#version")
    assert main(["models", "fake", str(folder), "--size", "tiny"]) == 1
    assert "holds a model already" in capsys.readouterr().err
