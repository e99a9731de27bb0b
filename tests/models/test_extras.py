"""Which optional dependencies are missing, by what the installed package says of itself."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable

import pytest

from polylsp.errors import ModelError
from polylsp.models import extras


def ignore(_: str) -> None:
    """Nobody is told."""


def lacking(*packages: str) -> Callable[[str], str]:
    version = importlib.metadata.version

    def asked(package: str) -> str:
        if package in packages:
            raise importlib.metadata.PackageNotFoundError(package)
        return version(package)

    return asked


def test_nothing_is_missing_where_all_is_installed() -> None:
    assert extras.missing("onnx") == []  # These tests could not run without.


def test_what_is_missing_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lacking("onnx", "gguf"))
    missing = extras.missing("onnx")
    assert sorted(one.split(">")[0] for one in missing) == ["gguf", "onnx"]
    assert all(">=" in one for one in missing)


def test_a_backend_needs_its_own_extra_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lacking("llama-cpp-python", "torch"))
    assert extras.missing("onnx") == []
    assert [one.split(">")[0] for one in extras.missing("gguf")] == ["llama-cpp-python"]
    assert [one.split(">")[0] for one in extras.missing("torch")] == ["torch"]
    assert extras.remedy("torch") == "pip install 'polylsp[export,torch]'"


def test_a_failed_installation_is_told(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pip")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(ModelError, match="no-such-package could not be installed"):
        extras.install(["no-such-package"], ignore)


def test_without_any_installer_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ModelError, match="-m ensurepip"):
        extras.install(["anything"], ignore)
    assert sys.executable
