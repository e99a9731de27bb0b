"""Any other architecture → a polylsp model folder, through optimum's exporter.

Slower than the graphs of our own (key/value state is copied at every pass), and the only part of polylsp
that needs torch and transformers: they are imported when a conversion is asked for.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from polylsp.engine.backend_optimum import OptimumWeights
from polylsp.engine.load import GRAPH, default_threads
from polylsp.errors import ModelError
from polylsp.export import rewrite
from polylsp.export.checkpoint import read_config
from polylsp.export.convert import Made, Options, claim, finish
from polylsp.export.verify import verify

# What configurations call the number of tokens that a model was made for.
_CONTEXT = ("max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_seq_len")


def convert(
    source: Path, destination: Path, options: Options, say: Callable[[str], None] = print
) -> None:
    """Write the model in `source` to `destination`, which must not hold a model yet.

    Raises ModelError where the `optimum` extra is missing, the source cannot be exported, or not in such
    weights, or the destination is taken.
    """
    if options.weights.half:
        raise ModelError(
            "graphs of optimum's are not written in fp16: choose --weights fp32 or int8"
        )
    claim(source, destination)
    config = read_config(source)
    context = _context(config, options.context)
    say(f"reading {source}, through optimum")
    with tempfile.TemporaryDirectory() as folder:
        parameters = _export(source, Path(folder), context)
        graph = onnx.load(str(Path(folder) / GRAPH))
        rewrite.turn(graph)
        if not rewrite.keep_last(graph):
            say("its last layer is unknown: logits of every position will be computed")
        if options.weights.packs:
            rewrite.pack(graph, options.weights)
        say(f"writing {GRAPH} ({options.weights.name}, {context} tokens)")
        _save(graph, destination)
        tokenizers = [place / "tokenizer.json" for place in (source, Path(folder))]
        tokenizer = next((file for file in tokenizers if file.is_file()), tokenizers[0])
        files = sorted([*source.glob("*.safetensors"), *source.glob("*.bin")])
        vocab = graph.graph.output[0].type.tensor_type.shape.dim[-1].dim_value
        finish(
            source,
            destination,
            options,
            Made("optimum", context, vocab, parameters, files, tokenizer),
        )
    verify(destination, say)


def _save(model: onnx.ModelProto, folder: Path) -> None:
    """Write the graph, and beside it its weights."""
    data = folder / (GRAPH + ".data")
    data.unlink(missing_ok=True)
    onnx.save_model(
        model,
        str(folder / GRAPH),
        save_as_external_data=True,
        location=data.name,
        size_threshold=_INLINE,
    )
    data.chmod(0o644)  # The onnx library leaves it readable to its owner only.


_INLINE = 1024  # Bytes; larger constants lie in a file of their own, which the runtime can map.


def _context(config: dict[str, Any], asked: int) -> int:
    known = next((config[name] for name in _CONTEXT if isinstance(config.get(name), int)), asked)
    if not known:
        raise ModelError("config.json does not say how many tokens fit: say it with --context")
    return min(asked or known, known)


def _export(source: Path, folder: Path, context: int) -> int:
    """Write `folder/model.onnx`; the number of the model's parameters. Raises ModelError."""
    # The folder is all that is needed; nobody is asked for anything else.
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        from optimum.exporters.onnx import onnx_export_from_model
        from transformers import AutoModelForCausalLM
    except ImportError as error:
        raise ModelError(
            f"a model of this architecture goes through optimum, which is missing ({error}): "
            "pip install 'polylsp[optimum]'"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # What tracing got wrong, the comparison finds.
            model = AutoModelForCausalLM.from_pretrained(source, dtype="float32")
            task = "text-generation-with-past"
            onnx_export_from_model(model, folder, task=task, do_validation=False)
    except Exception as error:
        raise ModelError(f"optimum cannot export {source}: {error}") from error
    if not _agrees(model, folder / GRAPH, context):
        raise ModelError(f"optimum's graph of {source} does not compute what the model does")
    return int(model.num_parameters())


def _agrees(model: Any, graph: Path, context: int) -> bool:
    """Whether the graph's logits, read in two pieces, are the model's up to rounding."""
    import torch

    weights = OptimumWeights(graph, context, default_threads())
    half = min(12, context // 2)
    ids = np.random.default_rng(0).integers(0, weights.n_vocab, 2 * half).tolist()
    tape = weights.tape()
    found = np.concatenate([tape.extend(ids[:half], half), tape.extend(ids[half:], half)])
    with torch.no_grad():
        wanted = model(torch.tensor([ids])).logits[0].numpy()
    return bool(np.abs(found - wanted).max() < 0.01 * wanted.std())
