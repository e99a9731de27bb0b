"""`polylsp doctor`: everything is looked at, and what is wrong has a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main

_CHECKS = ["python", "packages", "grammars", "model", "speed", "server", "privacy", "editors"]


def test_all_is_well_here(capsys: pytest.CaptureFixture[str]) -> None:
    # How fast this machine is, and so whether `speed` is good, is no matter for a test.
    main(["doctor", "--json"])
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert list(checks) == _CHECKS
    for name in set(_CHECKS) - {"speed", "model"}:
        assert checks[name]["good"], checks[name]
    figures = checks["model"]["figures"]
    assert figures["name"] == "embedded"
    assert figures["tokens_per_second"] > 0
    assert figures["first_token_ms"] > 0
    assert figures["load_seconds"] > 0


def test_a_model_that_cannot_be_used_has_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--model", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "BAD  model" in said
    assert "polylsp export" in said
    assert "ok   server" in said
