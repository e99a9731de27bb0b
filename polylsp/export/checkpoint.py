"""Read a model as it was trained, without torch: its shape, and its tensors under names of our own.

From a Hugging Face folder (safetensors or pickles), a folder of GPT-NeoX, or a GGUF file. A tensor is read
when it is asked for, becomes float32, and is not kept: a large model needs the memory of its largest matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from polylsp.engine.shape import Shape
from polylsp.errors import ModelError
from polylsp.export import folders, neox
from polylsp.export.families import FAMILIES, Array, Config, unsupported
from polylsp.export.stored import Stored, Tensors


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model as trained."""

    shape: Shape
    tensors: Tensors  # By the names that Hugging Face gives them.
    config: Config  # As in `config.json`.
    files: tuple[Path, ...]  # That hold the weights.

    def __getitem__(self, name: str) -> Array:
        """A tensor by our name, as float32. Raises ModelError where the file lacks it."""
        found = self.get(name)
        if found is None:
            raise ModelError(f"the checkpoint lacks {name!r}: its file is incomplete")
        return found

    def get(self, name: str) -> Array | None:
        return FAMILIES[self.shape.family].find(self.shape, self._stored, name)

    def size(self, name: str) -> tuple[int, ...] | None:
        """How large the tensor of our `name` is, without reading it; None where there is none."""
        found = FAMILIES[self.shape.family].find(self.shape, self._hollow, name)
        return None if found is None else found.shape

    @property
    def parameters(self) -> int:
        """Trained numbers; a tied head counts once."""
        stored = self.tensors.stored
        buffers = BUFFERS + (_HEADS if self.shape.tied else ())
        return sum(one.size for name, one in stored.items() if not name.endswith(buffers))

    def _stored(self, name: str) -> Array | None:
        return np.asarray(self.tensors[name], np.float32) if name in self.tensors else None

    def _hollow(self, name: str) -> Array | None:
        """Something of the tensor's shape that takes no memory."""
        stored = self.tensors.stored.get(name)
        return None if stored is None else np.broadcast_to(np.int8(0), stored.shape)


# Constants that older checkpoints store beside what was trained, and heads that repeat the embedding.
BUFFERS = (".attention.bias", ".masked_bias", ".inv_freq")
_HEADS = ("embed_out.weight", "lm_head.weight")


def load(source: Path, context: int = 0) -> Checkpoint:
    """The checkpoint in `source`, a folder or a .gguf file, with a context of at most `context` tokens.

    `context` 0 means its own. Raises ModelError where a file is missing, broken, or describes a model that
    is `unsupported`.
    """
    config = read_config(source)
    reason = unsupported(config)
    if reason:
        raise ModelError(f"{source} holds {reason}, which the graph builder does not know")
    try:
        shape = FAMILIES[config["model_type"]].shape(config)
    except KeyError as error:
        raise ModelError(f"{source / 'config.json'} does not say {error}") from None
    shape = replace(shape, context=min(context or shape.context, shape.context))
    tensors = Tensors(_format(source).tensors(source))
    checkpoint = Checkpoint(shape, tensors, config, tuple(files(source)))
    _check(checkpoint, source)
    return checkpoint


def files(source: Path) -> list[Path]:
    """The files that hold the weights. Raises ModelError."""
    return _format(source).files(source)


def read_config(source: Path) -> Config:
    """The folder's `config.json`, or what it would say of a checkpoint that has none. Raises ModelError."""
    return _format(source).config(source)


class _Format(Protocol):
    """How checkpoints are laid out: a module with these functions, which raise ModelError."""

    def config(self, source: Path) -> Config: ...
    def files(self, source: Path) -> list[Path]: ...
    def tensors(self, source: Path) -> dict[str, Stored]: ...


def _format(source: Path) -> _Format:
    if is_gguf(source):
        from polylsp.export import ggufs

        return ggufs
    return neox if neox.is_neox(source) else folders


def is_gguf(source: Path) -> bool:
    """Whether `source` is one file of that kind, by its name."""
    return source.suffix.lower() == ".gguf" and not source.is_dir()


def _check(checkpoint: Checkpoint, source: Path) -> None:
    """Raises ModelError where the weights are not those that `config.json` describes."""
    shape = checkpoint.shape
    rows = (shape.heads + 2 * shape.kv_heads) * shape.head_dim
    wanted = {
        "embed.weight": (shape.vocab, shape.hidden),
        "0.qkv.weight": (rows, shape.hidden),
        f"{shape.layers - 1}.norm2.weight": (shape.hidden,),
    }
    for name, size in wanted.items():
        try:
            found = checkpoint.size(name)
        except ValueError:  # It cannot even be split by heads.
            found = ()
        if found is None:
            raise ModelError(f"{source} lacks {name!r}: its files are incomplete")
        if found != size:
            raise ModelError(
                f"{source}: the weights are not of the size that config.json says: "
                "they do not belong together"
            )
