"""A checkpoint → a model folder for llama.cpp: `model.gguf`, and a Modelfile for Ollama.

Matrices are read, converted and written one by one, so a large model needs little memory. What is written is
compared with the checkpoint before the folder becomes a model (`gguf_check`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType as Stored
from gguf import GGUFWriter, LlamaFileType
from gguf.quants import quant_shape_to_byte_shape, quantize

from polylsp.engine.load import FILES, default_threads
from polylsp.errors import ModelError
from polylsp.export import (
    checkpoint,
    gguf_check,
    gguf_parts,
    gguf_vocabulary,
    modelfile,
    vocabulary,
)
from polylsp.export.checkpoint import Checkpoint
from polylsp.export.convert import Made, Options, claim, finish
from polylsp.export.families import Array, Config
from polylsp.export.gguf_parts import Piece
from polylsp.export.gguf_vocabulary import Vocabulary

# How matrices are stored; vectors are always whole.
_STORED = {"f32": Stored.F32, "f16": Stored.F16, "q8_0": Stored.Q8_0}
_FILE_TYPES = {
    "f32": LlamaFileType.ALL_F32,
    "f16": LlamaFileType.MOSTLY_F16,
    "q8_0": LlamaFileType.MOSTLY_Q8_0,
    "q4_k_m": LlamaFileType.MOSTLY_Q4_K_M,
}
_BLOCK = 32  # Values of a row that share a scale in q8_0.


def convert(
    source: Path, destination: Path, options: Options, say: Callable[[str], None] = print
) -> None:
    """Write the model in `source` to `destination`, which must not hold a model yet.

    Raises ModelError where the source cannot be read, the destination is taken, llama.cpp is needed and not
    installed, or finds another model in the file than was meant.
    """
    weights = options.weights.weights
    if weights == "q4_k_m":
        _quantiser()  # Before anything is read.
    claim(source, destination)
    say(f"reading {source}")
    model = _within_window(checkpoint.load(source, options.context), say)
    tokenizer = vocabulary.write(source, destination)
    tokens = gguf_vocabulary.read(tokenizer, model.shape.vocab)
    file = destination / FILES["gguf"]
    say(f"writing {file.name} ({weights}, {model.shape.context} tokens)")
    _write(file, model, tokens, options, say)
    same = gguf_check.check(file, model, tokenizer, weights, say)
    usual = tokens.known if same is None else same
    if not usual:
        say(
            "llama.cpp does not split text as this tokenizer does: polylsp hands it tokens and is well "
            "served, but other programs would show the model tokens it never saw (no Modelfile)"
        )
    shape = model.shape
    made = Made("gguf", shape.context, shape.vocab, model.parameters, model.files, tokenizer)
    finish(source, destination, options, made)
    if usual:
        modelfile.write(destination, model.shape.context)


def _write(
    file: Path,
    model: Checkpoint,
    tokens: Vocabulary,
    options: Options,
    say: Callable[[str], None],
) -> None:
    weights = options.weights.weights
    if weights in _STORED:
        _write_as(weights, file, model, tokens, options)
        return
    whole = file.with_suffix(".f16.gguf")
    _write_as("f16", whole, model, tokens, options)
    say(f"quantising {whole.name}, with llama.cpp")
    _quantise(whole, file, weights)
    whole.unlink()


def _write_as(
    weights: str, file: Path, model: Checkpoint, tokens: Vocabulary, options: Options
) -> None:
    shape = model.shape
    writer = GGUFWriter(file, gguf_parts.architecture(shape))
    writer.add_name(options.name)
    if options.licence:
        writer.add_license(options.licence)
    writer.add_file_type(_FILE_TYPES[weights])
    writer.add_quantization_version(2)
    inner, *_ = model.size("0.up.weight") or (0,)
    gguf_parts.describe(shape, inner, writer)
    tokens.describe(writer, _ends(model.config))
    vectors = {name for name in gguf_parts.vectors(shape) if model.size(name) is not None}
    pieces = list(gguf_parts.pieces(shape, inner, vectors))
    for piece in pieces:
        kind = _kind(piece, weights)
        size = quant_shape_to_byte_shape(piece.shape, kind)
        writer.add_tensor_info(
            piece.name, size, np.dtype(np.uint8), int(np.prod(size)), raw_dtype=kind
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, data in _converted(pieces, model, weights):
        writer.write_tensor_data(data)
    writer.close()


def _converted(
    pieces: list[Piece], model: Checkpoint, weights: str
) -> Iterator[tuple[Piece, Array]]:
    """The pieces as they are stored; each tensor of ours is read once, for all that is cut out of it."""
    for source, cut in itertools.groupby(pieces, lambda piece: piece.source):
        tensor = gguf_parts.tensor(model, source)
        for piece in cut:
            yield piece, quantize(piece.cut(tensor), _kind(piece, weights))


def _kind(piece: Piece, weights: str) -> Stored:
    if len(piece.shape) == 1:
        return Stored.F32
    if weights == "q8_0" and piece.shape[-1] % _BLOCK:
        return Stored.F16
    return _STORED[weights]


def _ends(config: Config) -> dict[str, int]:
    """The ids that start and end a text, as far as `config.json` names them."""
    found = {}
    for name in ("bos", "eos"):
        ids = config.get(f"{name}_token_id")
        first = ids[0] if isinstance(ids, list) and ids else ids
        if isinstance(first, int):
            found[name] = first
    return found


def _within_window(model: Checkpoint, say: Callable[[str], None]) -> Checkpoint:
    """llama.cpp lets every layer see everything; a model of a window sees the same up to its width."""
    shape = model.shape
    if not 0 < shape.window < shape.context:
        return model
    say(f"attention reaches {shape.window} tokens back, so that is the context here")
    return replace(model, shape=replace(shape, context=shape.window))


def _quantiser() -> Any:
    from polylsp.engine.backend_gguf import library

    try:
        return library()
    except ModelError as error:
        raise ModelError(f"q4_k_m is made by llama.cpp: {error}; or choose q8_0 or f16") from error


def _quantise(whole: Path, file: Path, weights: str) -> None:
    from polylsp.engine.backend_gguf import overheard

    lib = _quantiser()
    params = lib.llama_model_quantize_default_params()
    params.ftype = int(_FILE_TYPES[weights])
    params.nthread = default_threads()
    with overheard(lib) as said:
        status = lib.llama_model_quantize(str(whole).encode(), str(file).encode(), params)
    if status:
        raise ModelError(f"llama.cpp cannot quantise {whole.name}: {said[-1] if said else status}")
