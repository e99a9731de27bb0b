"""`polylsp bench quality` and `polylsp bench memory`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from polylsp.bench.builds import Build
from polylsp.bench.memory import measure
from polylsp.cli.__main__ import main
from tests import tinies

_SAMPLES = Path(__file__).parent.parent / "samples"


def test_conversions_are_compared_with_the_whole_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tinies.checkpoint(tmp_path / "neox")
    given = ["--source", str(_SAMPLES), "--positions", "400", "--json"]
    code = main(["bench", "quality", str(source), "--weights", "int8", "fp32", *given])
    assert code == 0
    report = json.loads(capsys.readouterr().out)
    rows = report["models"]["neox"]
    assert set(rows) == {"int8", "fp32"}
    assert rows["fp32"]["top1"] == 1
    assert rows["int8"]["positions"] >= 400
    claims = {claim["id"]: claim for claim in report["claims"]}
    assert set(claims) == {"int8_agreement", "int8_bits_per_byte"}
    assert claims["int8_agreement"]["value"] == pytest.approx(rows["int8"]["top1"], abs=1e-4)
    ratio = rows["int8"]["bits_per_byte_reference"] / rows["int8"]["bits_per_byte"]
    assert claims["int8_bits_per_byte"]["value"] == pytest.approx(ratio, abs=1e-4)
    assert claims["int8_agreement"]["model"] == "neox"


@pytest.mark.heavy
def test_a_gguf_file_is_also_run_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("llama_cpp")
    from polylsp.export.convert import Options
    from polylsp.export.dispatch import export
    from polylsp.export.quantise import Format

    tiny = tinies.checkpoint(tmp_path / "llama", tinies.LLAMA)
    export(tiny, tmp_path / "made", "gguf", Options(Format("q8_0"), "tiny"), lambda _: None)
    file = tmp_path / "made" / "model.gguf"
    given = ["--source", str(_SAMPLES), "--positions", "300", "--json", "--name", "tiny"]
    assert main(["bench", "quality", str(file), "--weights", "int8", *given]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["models"]["tiny"]) == {"int8", "llama.cpp"}
    claims = {claim["id"]: claim for claim in report["claims"]}
    assert claims["gguf_bits_per_byte"]["value"] == pytest.approx(1, abs=0.02)


def test_several_processes_are_counted_together(tmp_path: Path) -> None:
    folder = tinies.exported(tmp_path)
    build = Build("onnx int8", "onnx", str(folder), 8)
    report = measure([build], model="2.7B", context=96, processes=2)
    row = report["memory"]["onnx int8"]
    assert row["complete_ms"] > 0
    if not sys.platform.startswith("linux"):
        return  # Other systems do not tell.
    assert row["loaded_mb"] <= row["peak_mb"]
    assert row["total"]["resident_mb"] > 1.5 * row["resident_mb"]
    assert row["total"]["proportional_mb"] < row["total"]["resident_mb"]
    [claim] = report["claims"]
    assert claim["id"] == "memory_2.7B_int8"
    assert claim["value"] == pytest.approx(6144 / row["resident_mb"], rel=0.05)
