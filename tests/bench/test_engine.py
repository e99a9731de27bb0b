"""`polylsp bench engine`: what is measured and claimed, not how fast it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from polylsp.bench.builds import Build, prepare
from polylsp.bench.engine import Sizes, compared, matrix_bytes, ratios
from polylsp.cli.__main__ import main
from polylsp.errors import ModelError
from tests import tinies

_CASES = ["prefill@16", "prefill@32", "decode@16", "keystroke@24", "replace@24"]
_OURS = Build("onnx int8", "onnx", "ours", 8)
_RIVALS = (
    Build("llama.cpp q8_0", "llama", "q8_0", 8),
    Build("llama.cpp q8_0 flash", "llama", "q8_0", 8, "flash"),
    Build("llama.cpp q4_k_m", "llama", "q4_k_m", 4),
    Build("transformers float32", "transformers", "hf", 32, "float32"),
)
_MEDIANS = {
    "onnx int8": {"keystroke@1000": 100.0, "decode@512": 5.0, "prefill@1024": 500.0},
    "llama.cpp q8_0": {"keystroke@1000": 150.0, "decode@512": 7.0, "prefill@1024": 700.0},
    "llama.cpp q8_0 flash": {"keystroke@1000": 140.0, "decode@512": 8.0, "prefill@1024": 900.0},
    "llama.cpp q4_k_m": {"keystroke@1000": 90.0, "decode@512": 4.0, "prefill@1024": 400.0},
    "transformers float32": {"keystroke@1000": 390.0, "decode@512": 30.0, "prefill@1024": 900.0},
}


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["bench", "engine", *arguments, "--quick", "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_every_case_is_put_to_every_engine_in_every_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tinies.checkpoint(tmp_path / "source")
    document = tmp_path / "results.md"
    document.write_text("# Results\n\nKept.\n")
    report = _run(
        capsys,
        *(str(source), "--engines", "onnx:int8-b32", "onnx:fp32", "--rounds", "2"),
        *("--work", str(tmp_path / "work"), "--name", "neox", "--write", str(document)),
    )
    assert report["ours"] == "onnx int8-b32"
    assert list(report["medians_ms"]) == ["onnx int8-b32", "onnx fp32"]
    for name, cases in report["rounds_ms"].items():
        assert sorted(cases) == sorted(_CASES)
        assert all(len(rounds) == 2 and min(rounds) > 0 for rounds in cases.values())
        assert report["memory"][name]["loaded"]["load_ms"] > 0
    assert set(report["ratios"]["onnx int8-b32"].values()) == {1.0}
    assert min(report["bandwidth_gb_per_s"].values()) > 0
    [share] = report["claims"]  # No rival was there to be compared with.
    assert share["id"] == "decode_bandwidth_share"
    assert (share["model"], share["n"]) == ("neox", 2)
    assert 0 < share["value"] < 1
    text = document.read_text()
    assert "Kept." in text
    assert "<!-- bench engine: neox -->" in text
    assert report["machine"]["packages"]["onnxruntime"] in text


@pytest.mark.heavy
def test_rivals_run_the_same_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("llama_cpp")
    source = tinies.checkpoint(tmp_path / "source")
    engines = ("onnx:int8", "onnx:fp32", "llama:q8_0", "transformers:float32")
    report = _run(capsys, str(source), "--engines", *engines, "--rounds", "1")
    rivals = {"llama.cpp q8_0", "llama.cpp q8_0 flash", "transformers float32"}
    assert set(report["medians_ms"]) == {"onnx int8", "onnx fp32"} | rivals
    assert all(sorted(cases) == sorted(_CASES) for cases in report["rounds_ms"].values())


def test_the_best_rival_of_the_same_bits_is_what_counts() -> None:
    claims = {claim.id: claim for claim in compared([_OURS, *_RIVALS], _MEDIANS, "160M", 7, False)}
    values = {name: claim.value for name, claim in claims.items()}
    assert values == {
        "keystroke_vs_llamacpp": 1.4,
        "keystroke_vs_transformers": 3.9,
        "decode_vs_llamacpp": 1.4,
        "prefill_vs_llamacpp": 1.4,
    }
    holding = {name for name, claim in claims.items() if claim.holds}
    assert holding == {"keystroke_vs_llamacpp", "decode_vs_llamacpp"}
    assert {(claim.model, claim.n) for claim in claims.values()} == {("160M", 7)}


def test_a_gguf_file_is_compared_with_llama_cpp_on_it_whatever_its_bits() -> None:
    given = Build("llama.cpp q4_1", "llama", "given.gguf", 4)
    medians = {"onnx int8": {"keystroke@1000": 100.0}, "llama.cpp q4_1": {"keystroke@1000": 125.0}}
    [claim] = compared([_OURS, given], medians, "SmolLM2-135M", 3, True)
    assert (claim.id, claim.value, claim.holds) == ("smollm2_keystroke_vs_llamacpp", 1.25, True)
    [other] = compared([_OURS, given], medians, "Other", 3, True)
    assert other.id == "gguf_keystroke_vs_llamacpp"


def test_nothing_is_claimed_of_what_was_not_measured() -> None:
    medians = {"onnx int8": {"decode@512": 5.0}, "llama.cpp q8_0": {"decode@512": 7.0}}
    found = [claim.id for claim in compared([_OURS, _RIVALS[0]], medians, "m", 1, False)]
    assert found == ["decode_vs_llamacpp"]


def test_a_ratio_above_one_means_that_ours_is_faster() -> None:
    found = ratios(_MEDIANS, "onnx int8")
    assert found["llama.cpp q4_k_m"]["keystroke@1000"] == 0.9
    assert found["transformers float32"]["decode@512"] == 6


def test_cases_that_do_not_fit_the_context_are_left_out() -> None:
    assert Sizes().cases(1024) == [
        *(("prefill", 128), ("prefill", 512), ("prefill", 1024)),
        *(("decode", 512), ("decode", 128), ("keystroke", 1000), ("replace", 1000)),
    ]


def test_a_token_reads_every_matrix_once_and_its_scales(tmp_path: Path) -> None:
    tiny = tinies.NEOX
    source = tinies.checkpoint(tmp_path, tiny)
    values = tiny.layers * tiny.hidden**2 * (3 + 1 + 2 + 2) + tinies.vocab_size() * tiny.hidden
    read = matrix_bytes(source, Build("onnx int8-b32", "onnx", "", 8))
    assert read == values * (1 + 4 / 32)
    assert matrix_bytes(source, Build("onnx fp32", "onnx", "", 32)) == 4 * values


@pytest.mark.parametrize("name", ["onnx", "ggml:q8_0", ":int8"])
def test_an_unknown_engine_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="no engine"):
        prepare(tmp_path, [name], tmp_path, 0, lambda _: None)


def test_without_a_source_the_remedy_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "engine"]) == 1
    assert "--size" in capsys.readouterr().err


def test_a_worker_that_cannot_load_says_why(tmp_path: Path) -> None:
    from polylsp.bench.worker import Worker

    with pytest.raises(ModelError, match=r"onnx int8: .*none"):
        Worker(Build("onnx int8", "onnx", str(tmp_path / "none"), 8), 96, 1)
