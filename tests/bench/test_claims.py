"""What a benchmark promises, and whether a run kept it."""

from __future__ import annotations

from polylsp.bench.claims import Claim, machine, percentile


def test_a_claim_holds_or_falls_short() -> None:
    assert Claim("speed", 5.0, 5.0, 3).holds
    assert not Claim("speed", 4.9, 5.0, 3).holds
    assert Claim("wait", 4.9, 5.0, 3, more_is_better=False).holds
    assert not Claim("wait", 5.1, 5.0, 3, more_is_better=False).holds
    assert "FALLS SHORT" in str(Claim("speed", 1, 2, 3))
    assert Claim("speed", 5.0, 5.0, 3).row() == {
        "id": "speed",
        "value": 5.0,
        "target": 5.0,
        "holds": True,
        "n": 3,
    }


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(100)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.95) == 95
    assert percentile(values, 1.0) == 99
    assert percentile([], 0.5) == 0


def test_a_figure_comes_with_its_machine() -> None:
    about = machine()
    wanted = {"polylsp", "python", "system", "processor", "processors", "packages"}
    assert set(about) == wanted
    assert "onnxruntime" in about["packages"]
