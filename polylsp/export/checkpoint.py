"""Read a Hugging Face folder without torch: the model's shape, and its tensors under names of our own.

Tensors are kept as they are stored (16 bits, as a rule) and become float32 when one is asked for.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from polylsp.engine.shape import Shape
from polylsp.errors import ModelError
from polylsp.export.families import FAMILIES, Array, Config, unsupported

with contextlib.suppress(ImportError):
    # Comes with the onnx library, and teaches numpy bfloat16.
    import ml_dtypes  # noqa: F401


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model as trained."""

    shape: Shape
    tensors: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        """A tensor by our name, as float32. Raises ModelError where the file lacks it."""
        found = self.get(name)
        if found is None:
            raise ModelError(f"the checkpoint lacks {name!r}: its file is incomplete")
        return found

    def get(self, name: str) -> Array | None:
        return FAMILIES[self.shape.family].find(self.shape, self._stored, name)

    @property
    def parameters(self) -> int:
        """Trained numbers; a tied head counts once."""
        return sum(
            tensor.size for name, tensor in self.tensors.items() if not name.endswith(_BUFFERS)
        )

    def _stored(self, name: str) -> Array | None:
        tensor = self.tensors.get(name)
        return None if tensor is None else tensor.astype(np.float32)


# Constants that older checkpoints store beside what was trained.
_BUFFERS = (".attention.bias", ".masked_bias", ".inv_freq")


def load(folder: Path, context: int = 0) -> Checkpoint:
    """The checkpoint in `folder`, with a context of at most `context` tokens (0: its own).

    Raises ModelError where a file is missing, broken, or describes a model that is `unsupported`.
    """
    config = read_config(folder)
    reason = unsupported(config)
    if reason:
        raise ModelError(f"{folder} holds {reason}, which the graph builder does not know")
    try:
        shape = FAMILIES[config["model_type"]].shape(config)
    except KeyError as error:
        raise ModelError(f"{folder / 'config.json'} does not say {error}") from None
    shape = replace(shape, context=min(context or shape.context, shape.context))
    tensors: dict[str, Array] = {}
    for file in files(folder):
        try:
            tensors.update(load_file(file))
        except Exception as error:
            if "bfloat16" in str(error):
                raise ModelError(
                    f"{file} is in bfloat16, which needs ml_dtypes: pip install --upgrade onnx"
                ) from error
            raise ModelError(f"{file} cannot be read ({error}): download it again") from error
    checkpoint = Checkpoint(shape, tensors)
    _check(checkpoint, folder)
    return checkpoint


def files(folder: Path) -> list[Path]:
    """The files that hold the weights: what the index says, or the one file. Raises ModelError."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            names = sorted(
                set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{index} cannot be read ({error!r}): download it again") from error
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            raise ModelError(f"{folder} lacks {', '.join(missing)}: download it again")
        return [folder / name for name in names]
    whole = folder / "model.safetensors"
    found = [whole] if whole.is_file() else sorted(folder.glob("*.safetensors"))
    if not found:
        raise ModelError(
            f"{folder} has no .safetensors file; for a .bin file, load it with transformers "
            "and write it again: `model.save_pretrained(folder)`"
        )
    return found


def read_config(folder: Path) -> Config:
    """The folder's `config.json`. Raises ModelError."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / 'config.json'} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{folder / 'config.json'} is not a JSON object")
    return config


def _check(checkpoint: Checkpoint, folder: Path) -> None:
    """Raises ModelError where the weights are not those that `config.json` describes."""
    shape = checkpoint.shape
    rows = (shape.heads + 2 * shape.kv_heads) * shape.head_dim
    try:
        right = checkpoint["embed.weight"].shape == (shape.vocab, shape.hidden)
        right = right and checkpoint["0.qkv.weight"].shape == (rows, shape.hidden)
    except ValueError:  # It cannot even be split by heads.
        right = False
    if not right:
        raise ModelError(
            f"{folder}: the weights are not of the size that config.json says: "
            "they do not belong together"
        )
