"""Reading torch's pickles without running them."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from polylsp.errors import ModelError
from polylsp.export import checkpoint, pickles, pickling
from tests import tinies
from tests.export import makers


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "pytorch_model.bin"
    arrays = {
        "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
        "half": np.array([1.5, -2.0], np.float16),
        "mask": np.tril(np.ones((1, 1, 3, 3), np.uint8)),
        "one": np.array(7.0, np.float32),
    }
    pickling.write(file, makers.stored(arrays))
    return file


def message(file: Path) -> str:
    with pytest.raises(ModelError) as caught:
        pickles.tensors(file)
    return str(caught.value)


def test_what_was_written_is_read(file: Path) -> None:
    found = pickles.tensors(file)
    assert {name: one.kind for name, one in found.items()} == {
        "matrix": "F32",
        "half": "F16",
        "mask": "U8",
        "one": "F32",
    }
    assert np.array_equal(found["matrix"].read(), [[0, 1, 2], [3, 4, 5]])
    assert np.array_equal(found["half"].read(), np.array([1.5, -2.0], np.float16))
    assert found["mask"].read().sum() == 6
    assert found["one"].shape == found["one"].read().shape == ()


def test_numbers_lie_where_they_can_be_mapped(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        places = [info for info in archive.infolist() if "/data/" in info.filename]
    data = file.read_bytes()
    for info in places:
        name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
        assert (info.header_offset + 30 + name + extra) % 64 == 0


def test_a_folder_of_pickles_is_the_model_that_it_was(tmp_path: Path) -> None:
    whole = checkpoint.load(tinies.checkpoint(tmp_path / "whole"))
    found = checkpoint.load(makers.pickled(tmp_path / "pickled"))
    assert found.parameters == whole.parameters
    assert np.array_equal(found["1.qkv.weight"], whole["1.qkv.weight"])


class Dangerous:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return io.open, ("touched", "w")


def with_program(file: Path, program: bytes) -> None:
    with zipfile.ZipFile(file) as archive:
        kept = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for info, data in kept.items():
            archive.writestr(info.filename, program if "data.pkl" in info.filename else data)


@pytest.mark.parametrize("old", [False, True])
def test_code_is_refused_and_never_run(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    program = pickle.dumps({"weight": Dangerous()}, 2)
    if old:
        start = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}]
        file.write_bytes(b"".join(pickle.dumps(one, 2) for one in start) + program)
    else:
        with_program(file, program)
    assert "refused, it would run code" in message(file)
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x02cbuiltins\neval\nX\x04\x00\x00\x002**9\x85R.",
        b"\x80\x02ctorch._utils\n__builtins__\n.",
        b"\x80\x02cpolylsp.export.pickles\nzipfile\n.",
        b"\x80\x04\x8c\x05torch\x8c\x12FloatStorage.upper\x93.",
    ],
)
def test_no_other_name_is_known(file: Path, program: bytes) -> None:
    with_program(file, program)
    assert "refused, it would run code" in message(file)


def test_a_program_cannot_change_what_it_is_given(file: Path) -> None:
    """BUILD sets attributes: what is handed out must not be ours to lose."""
    program = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nN}X\x04\x00\x00\x00funcNs\x86b."
    with_program(file, program)
    message(file)
    pickling.write(file, makers.stored({"one": np.ones(2, np.float32)}))
    assert pickles.tensors(file)["one"].read().tolist() == [1, 1]


@pytest.mark.parametrize("kept", [0, 3, 100, 0.5, 0.99])
def test_truncated_files_are_to_be_downloaded_again(file: Path, kept: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(kept * len(data)) if isinstance(kept, float) else kept])
    assert "download it again" in message(file)


def test_a_pointer_of_git_lfs_is_told_from_weights(file: Path) -> None:
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", encoding="utf-8")
    assert "git lfs pull" in message(file)


def test_a_tensor_must_lie_in_its_storage(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        program = archive.read("pytorch_model/data.pkl")
    two_by_three = b"(\x8a\x01\x02\x8a\x01\x03t"
    with_program(file, program.replace(two_by_three, b"(\x8a\x01\x09\x8a\x01\x03t"))
    assert "reaches beyond its storage" in message(file)


def test_anything_else_is_no_table_of_tensors(file: Path) -> None:
    with_program(file, pickle.dumps([1, 2], 2))
    assert "no table of tensors but a list" in message(file)


@pytest.mark.heavy
def test_torch_reads_what_is_written(file: Path) -> None:
    import torch

    for mapped in (False, True):
        found = torch.load(file, weights_only=True, mmap=mapped)
        assert list(found) == ["matrix", "half", "mask", "one"]
        for name, one in pickles.tensors(file).items():
            assert np.array_equal(found[name].numpy(), one.read())


@pytest.mark.heavy
@pytest.mark.parametrize("new", [True, False])
def test_what_torch_writes_is_read(tmp_path: Path, new: bool) -> None:
    import torch

    whole = torch.randn(4, 6)
    tensors = {
        "whole": whole,
        "turned": whole.t(),
        "cut": whole[1:3, 2:5],
        "brain": whole.bfloat16(),
        "whole_numbers": torch.arange(3),
        "one": torch.tensor(3.0),
        "none": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(whole),
    }
    torch.save(tensors, tmp_path / "model.bin", _use_new_zipfile_serialization=new)
    found = pickles.tensors(tmp_path / "model.bin")
    assert list(found) == list(tensors)
    for name, tensor in tensors.items():
        wanted = tensor.detach().float().numpy()
        assert found[name].read().shape == found[name].shape == wanted.shape
        assert np.array_equal(found[name].read().astype(np.float32), wanted), name
