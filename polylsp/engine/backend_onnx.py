"""ONNX Runtime on the CPU, with the graph that `export.graph` writes.

Past and present key/value buffers are one and the same memory, so truncating sets a number and appending
copies nothing. The logits of a prompt read in one piece or in chunks are equal up to float rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from polylsp.engine.backend import Backend, Logits
from polylsp.errors import BackendError, ModelError


class OnnxWeights:
    """A session and the shapes of its tapes."""

    def __init__(self, path: Path, n_ctx: int, threads: int) -> None:
        """Raises ModelError where `path` is not such a graph."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self.session = ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelError(f"onnxruntime cannot load {path}: {error}") from error
        past = [node for node in self.session.get_inputs() if node.name.startswith("past_")]
        if not past:
            raise ModelError(f"{path} has no key/value inputs: export it with `polylsp export`")
        self.n_ctx = n_ctx
        self.n_vocab = int(self.session.get_outputs()[0].shape[-1])
        self.past = [node.name for node in past]
        _, heads, _, head_dim = past[0].shape
        self.buffer_shape = (1, heads, n_ctx, head_dim)
        self.tape_bytes = 4 * len(past) * heads * n_ctx * head_dim

    def tape(self) -> OnnxTape:
        return OnnxTape(self)


class OnnxTape(Backend):
    """Key/value buffers bound to the session once, and a count of the tokens in them."""

    def __init__(self, weights: OnnxWeights) -> None:
        self.n_ctx = weights.n_ctx
        self._session = weights.session
        self.n_past = 0
        self._binding = weights.session.io_binding()
        self._bind_logits()  # First, so that it is the first of the outputs.
        self._buffers: list[Any] = []
        for name in weights.past:
            buffer = ort.OrtValue.ortvalue_from_numpy(np.zeros(weights.buffer_shape, np.float32))
            self._buffers.append(buffer)
            self._binding.bind_ortvalue_input(name, buffer)
            self._binding.bind_ortvalue_output(name.replace("past_", "present_"), buffer)

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        count = len(token_ids)
        after = self.n_past + count
        if after > self.n_ctx:
            raise BackendError(f"{after} tokens do not fit a context of {self.n_ctx}")
        bind = self._binding.bind_cpu_input
        try:
            bind("input_ids", np.array([token_ids], np.int64))
            bind("seqlens_k", np.array([after - 1], np.int32))
            bind("total_sequence_length", np.array(after, np.int32))
            bind("logit_start", np.array([count - last], np.int64))
            self._bind_logits()
            self._session.run_with_iobinding(self._binding)
        except Exception as error:
            raise BackendError(f"onnxruntime failed: {error}") from error
        self.n_past = after
        logits: Logits = self._binding.get_outputs()[0].numpy()[0]
        return logits

    def truncate(self, n_past: int) -> None:
        self.n_past = min(n_past, self.n_past)

    def _bind_logits(self) -> None:
        self._binding.bind_output("logits", "cpu")
