"""`polylsp doctor`: everything is looked at, and what is wrong has a remedy."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from polylsp.cli.__main__ import main

_CHECKS = ["python", "packages", "grammars", "model", "speed", "server", "privacy", "editors"]


def test_all_is_well_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # How fast this machine is, and so whether `speed` is good, is no matter for a test.
    _install("vim", tmp_path, monkeypatch)
    main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in report["checks"]}
    assert list(checks) == _CHECKS
    for name in set(_CHECKS) - {"speed", "model"}:
        assert checks[name]["good"], checks[name]
    figures = checks["model"]["figures"]
    assert figures["name"] == "embedded"
    assert figures["tokens_per_second"] > 0
    assert figures["first_token_ms"] > 0
    assert figures["load_seconds"] > 0
    assert "Vim" in checks["editors"]["figures"]["found"]
    clients = [one["client"] for one in report["editors"] if one["name"] == "vim"]
    assert clients == ["ALE", "coc.nvim", "vim-lsp"]


def test_a_model_that_cannot_be_used_has_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _install("emacs", tmp_path, monkeypatch)
    assert main(["doctor", "--model", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "BAD  model" in said
    assert "polylsp export" in said
    assert "ok   server" in said
    assert "Emacs, eglot: suggestions come in the completion list\n  in ~/.emacs.d/init.el:" in said


def test_one_editors_configuration_alone_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--editor", "helix"]) == 0
    said = capsys.readouterr().out
    assert "  in ~/.config/helix/languages.toml:\n\n    [language-server.polylsp]\n" in said
    assert "python" not in said.partition("[language-server.polylsp]")[0]


def test_a_configuration_names_the_command_that_this_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = _install("polylsp", tmp_path / "ours", monkeypatch)
    monkeypatch.setattr(sys, "executable", str(ours.with_name("python")))
    for on_path, expected in ((True, "polylsp"), (False, ours.as_posix())):
        if not on_path:
            _install("polylsp", tmp_path / "another", monkeypatch)
        main(["doctor", "--editor", "sublime", "--json"])
        editor = json.loads(capsys.readouterr().out)["editors"][0]
        settings = json.loads(editor["texts"][0]["text"])
        assert settings["clients"]["polylsp"]["command"] == [expected, "lsp"]


def _install(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, the first on the PATH."""
    program = folder / (f"{name}.exe" if os.name == "nt" else name)
    program.parent.mkdir(parents=True, exist_ok=True)
    program.touch(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return program
