"""Any checkpoint → a Hugging Face folder: safetensors, `config.json` and the tokenizer's files.

What PolyCoder's original checkpoints need before other programs can use them. What is written is read again
and compared, tensor by tensor.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from polylsp.errors import ModelError
from polylsp.export import checkpoint, folders, neox, shards, vocabulary
from polylsp.export.checkpoint import BUFFERS
from polylsp.export.convert import Options, claim
from polylsp.export.stored import Stored, packed

_KINDS = {"fp32": "F32", "fp16": "F16", "bf16": "BF16"}
_TYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}


def convert(
    source: Path, destination: Path, options: Options, say: Callable[[str], None] = print
) -> None:
    """Write the model in `source` to `destination`, which must not hold a model yet.

    Raises ModelError where the source cannot be read, the destination is taken, or does not hold what was
    written to it.
    """
    claim(source, destination)
    say(f"reading {source}")
    model = checkpoint.load(source)
    kind = _KINDS.get(options.weights.weights)
    tensors = {
        name: replace(one, kind=kind or one.kind)
        for name, one in model.tensors.stored.items()
        if not name.endswith(BUFFERS)
    }
    shards.write(destination, tensors, folders.WEIGHTS[0], say)
    _compare(tensors, destination)
    say(f"compared {len(tensors)} tensors: all as they were")
    _write_vocabulary(source, destination)
    stored = tensors[next(iter(tensors))].kind
    config = model.config | {"torch_dtype": _TYPES.get(stored, "float32")}
    text = json.dumps(config, indent=2) + "\n"
    (destination / "config.json").write_text(text, encoding="utf-8")  # The last: it is whole now.


def _compare(tensors: dict[str, Stored], folder: Path) -> None:
    written = folders.tensors(folder)
    for name, one in tensors.items():
        if packed(one).tobytes() != packed(written[name]).tobytes():
            raise ModelError(f"{folder} does not hold what was written to it ({name}): try again")


def _write_vocabulary(source: Path, destination: Path) -> None:
    if neox.is_neox(source):
        vocab, merges = vocabulary.of_neox(source)
        # With a header, so that no program keeps the merge that the model never saw.
        vocabulary.write_gpt2(destination, vocab, vocabulary.with_header(merges))
    else:
        vocabulary.write(source, destination)
