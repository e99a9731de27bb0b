"""One entry for every conversion: a checkpoint, and what is to become of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from polylsp.errors import ModelError
from polylsp.export.checkpoint import read_config
from polylsp.export.convert import Options
from polylsp.export.families import unsupported
from polylsp.export.place import place

# What can be written → how its weights may be stored; the first is the default.
TARGETS: dict[str, tuple[str, ...]] = {
    "onnx": ("int8", "int4", "fp32", "fp16"),
    "torch": ("bf16", "fp16", "fp32"),
    "gguf": ("q8_0", "q4_k_m", "f16", "f32"),
    "hf": ("stored", "fp32", "fp16", "bf16"),
}


def export(
    source: Path, destination: Path, target: str, options: Options, say: Callable[[str], None]
) -> None:
    """Write the checkpoint in `source` to the folder `destination`, for the backend `target`.

    "hf" is no backend: it makes a Hugging Face folder, of a checkpoint of GPT-NeoX for instance. Raises
    ModelError where the source cannot be read, the destination is taken, or weights of that kind are not
    known there.
    """
    if options.weights.weights not in TARGETS[target]:
        known = ", ".join(TARGETS[target])
        raise ModelError(
            f"{target} has no {options.weights.weights!r} weights: choose one of {known}"
        )
    with place(destination) as partial:
        _convert(source, partial, target, options, say)
    say(f"wrote {destination}")


def _convert(
    source: Path, destination: Path, target: str, options: Options, say: Callable[[str], None]
) -> None:
    reason = unsupported(read_config(source))
    if reason:
        say(f"{source} holds {reason}")
    if target == "hf":
        from polylsp.export import to_hf

        to_hf.convert(source, destination, options, say)
    elif target == "torch":
        from polylsp.export import to_torch

        to_torch.convert(source, destination, options, say)
    elif target == "gguf":
        from polylsp.export import to_gguf

        to_gguf.convert(source, destination, options, say)
    elif reason and source.is_file():
        raise ModelError(f"{source} holds {reason}: export it from its Hugging Face folder")
    elif reason:
        from polylsp.export import fallback

        fallback.convert(source, destination, options, say)
    else:
        from polylsp.export import convert

        convert.convert(source, destination, options, say)
