"""What is particular to ONNX Runtime: what it prints, what it sends, what it does while idle."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from polylsp.engine.backend import Weights
from polylsp.engine.load import load
from polylsp.errors import BackendError, ModelError
from tests import tinies


def python(code: str, *arguments: str) -> str:
    """What a fresh interpreter prints that runs `code` without any telemetry variable set."""
    quiet = ("CI", "ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY")
    environment = {name: value for name, value in os.environ.items() if name not in quiet}
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    "module",
    ["polylsp.engine.backend_onnx", "polylsp.engine.backend_optimum", "polylsp.export.convert"],
)
def test_telemetry_is_off_before_onnxruntime_is_imported(module: str) -> None:
    code = """
        import importlib, os, sys

        class Watch:
            def find_spec(self, name, path=None, target=None):
                if name == "onnxruntime":
                    print(os.environ.get("ORT_DISABLE_TELEMETRY"))

        sys.meta_path.insert(0, Watch())
        importlib.import_module(sys.argv[1])
        importlib.import_module("polylsp.engine.backend_onnx")
    """
    assert python(code, module) == "1"


def test_loading_and_running_imports_neither_torch_nor_transformers() -> None:
    code = """
        import sys
        from polylsp.models.registry import load_model
        load_model("embedded").weights.tape().extend([1])
        print([name for name in ("torch", "transformers", "onnx") if name in sys.modules])
    """
    assert python(code) == "[]"


def test_an_idle_engine_takes_no_processor_time() -> None:
    # Threads that spin would take tens of milliseconds after a run; counted in their own time, not by a clock.
    code = """
        import time
        from polylsp.config import EngineConfig
        from polylsp.models.registry import load_model
        tape = load_model("embedded", EngineConfig(threads=2)).weights.tape()
        tape.extend(list(range(300)))
        before = time.process_time()
        time.sleep(0.2)
        print((time.process_time() - before) * 1000 < 8)
    """
    assert python(code) == "True"


def test_a_failure_is_raised_and_not_printed(
    neox: Weights, capfd: pytest.CaptureFixture[str]
) -> None:
    tape = neox.tape()
    with pytest.raises(BackendError, match="onnxruntime failed"):
        tape.extend([10**6])
    assert capfd.readouterr() == ("", "")
    assert tape.n_past == 0
    assert np.isfinite(tape.extend([5, 6])).all()


def test_no_memory_for_a_tape_is_a_lost_suggestion_not_a_crash(
    neox: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def zeros(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "zeros", zeros)
    with pytest.raises(BackendError, match="no memory"):
        neox.tape()


def test_quantised_matrices_say_nearly_what_whole_ones_do(tmp_path: Path) -> None:
    ids = np.random.default_rng(0).integers(5, 250, 60).tolist()

    def logits(weights: str) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        folder = tinies.exported(tmp_path / weights, tinies.NEOX_EMBEDDED, weights)
        return load(folder).tape().extend(ids, last=len(ids))

    whole = logits("fp32")
    for weights, bound in (("int8", 0.05), ("int4", 0.4)):
        error = np.sqrt(np.mean((logits(weights) - whole) ** 2)) / whole.std()
        assert 0 < error < bound, weights


def test_a_graph_for_another_device_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    import onnxruntime as ort

    folder = tinies.exported(tmp_path)
    about = json.loads((folder / "polylsp.json").read_text(encoding="utf-8"))
    about["engine"]["device"] = "cuda"
    (folder / "polylsp.json").write_text(json.dumps(about), encoding="utf-8")
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(ModelError, match="install onnxruntime-gpu"):
        load(folder)


def test_a_steady_tape_reads_alone_as_in_company_unless_it_is_hurried(tmp_path: Path) -> None:
    weights = load(tinies.exported(tmp_path, tinies.NEOX_EMBEDDED, "int8"))
    ids = np.random.default_rng(0).integers(5, 250, 60).tolist()
    tape = weights.tape()
    assert tape.steady
    wanted = tape.extend(ids, last=len(ids)).copy()

    def one_by_one() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        tape.truncate(0)
        return np.concatenate([tape.extend([id_]).copy() for id_ in ids])

    assert np.array_equal(one_by_one(), wanted)
    tape.steady = False
    error = np.sqrt(np.mean((one_by_one() - wanted) ** 2))
    assert error < 0.02 * wanted.std()
