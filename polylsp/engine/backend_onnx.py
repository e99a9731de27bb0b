"""ONNX Runtime, with the graph that `export.graph` writes: on the CPU, or in 16 bits on a CUDA device.

Past and present key/value buffers are one and the same memory, so truncating sets a number and appending
copies nothing. A tape that is `steady` gives a token read alone an idle row for company: then a prompt read in
one piece, in chunks or token by token has the same logits to the last bit, for most formats (docs/results.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from polylsp.engine.backend import Backend, Logits, Weights, is_steady
from polylsp.errors import BackendError, ModelError

_INPUTS = {"input_ids", "idle", "seqlens_k", "total_sequence_length", "logit_start"}


class OnnxWeights(Weights):
    """A session and the shapes of its tapes."""

    steady = True  # Until it has been tried.

    def __init__(self, path: Path, n_ctx: int, threads: int, device: str = "cpu") -> None:
        """Raises ModelError where `path` is not such a graph, or this machine has no such device."""
        self.session = open_session(path, threads, device)
        self.device = device
        inputs = {node.name: node.shape for node in self.session.get_inputs()}
        halves = {node.name for node in self.session.get_inputs() if "float16" in node.type}
        self.past = [name for name in inputs if name.startswith("past_")]
        if not self.past or not inputs.keys() >= _INPUTS:
            raise ModelError(f"{path} is not a graph of polylsp's: write one with `polylsp export`")
        _, heads, _, head_dim = inputs[self.past[0]]
        self.n_ctx = n_ctx
        self.n_vocab = int(self.session.get_outputs()[0].shape[-1])
        rows = n_ctx + 1  # One for the idle row of the last pass.
        self.buffer_shape = (1, heads, rows, head_dim)
        self.buffer_type = np.dtype(np.float16 if self.past[0] in halves else np.float32)
        size = self.buffer_type.itemsize
        self.tape_bytes = size * len(self.past) * heads * rows * head_dim
        self.steady = is_steady(OnnxTape(self), self.n_vocab)

    def tape(self) -> OnnxTape:
        try:
            return OnnxTape(self)
        except MemoryError as error:
            raise BackendError(f"no memory for {self.tape_bytes >> 20} MB of tape") from error


class OnnxTape(Backend):
    """Key/value buffers bound to the session once, and a count of the tokens in them."""

    def __init__(self, weights: OnnxWeights) -> None:
        self.n_ctx = weights.n_ctx
        self.n_past = 0
        self.steady = weights.steady
        self._session = weights.session
        self._binding = weights.session.io_binding()
        self._bind_logits()  # First, so that it is the first of the outputs.
        self._buffers: list[Any] = []
        for name in weights.past:
            buffer = _buffer(weights)
            self._buffers.append(buffer)
            self._binding.bind_ortvalue_input(name, buffer)
            self._binding.bind_ortvalue_output(name.replace("past_", "present_"), buffer)

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        after = self.after(token_ids)
        idle = int(self.steady and len(token_ids) == 1)
        bind = self._binding.bind_cpu_input
        try:
            bind("input_ids", np.array([token_ids], np.int64))
            bind("idle", np.array([idle], np.int64))
            bind("seqlens_k", np.array([after + idle - 1], np.int32))
            bind("total_sequence_length", np.array(after + idle, np.int32))
            bind("logit_start", np.array([len(token_ids) - last], np.int64))
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


def _buffer(weights: OnnxWeights) -> Any:
    """One key or value buffer, where the model computes."""
    shape, kind = weights.buffer_shape, weights.buffer_type
    if weights.device != "cpu":
        return ort.OrtValue.ortvalue_from_shape_and_type(list(shape), kind, weights.device)
    # The system hands zeroed pages out when they are first written: what is not used costs nothing.
    return value(np.zeros(shape, kind))


_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


def open_session(path: Path, threads: int, device: str = "cpu") -> Any:
    """An onnxruntime session on that device. Raises ModelError."""
    provider = _PROVIDERS[device]
    if provider not in ort.get_available_providers():
        raise ModelError(
            f"{path} is made for {device}, which this onnxruntime cannot use: install onnxruntime-gpu in its "
            "place, or export the model again with --weights int8"
        )
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    _wait(options)
    options.log_severity_level = 4  # What fails is raised; it need not be printed as well.
    try:
        return ort.InferenceSession(str(path), options, providers=[provider])
    except Exception as error:
        raise ModelError(
            f"onnxruntime cannot load {path}: install or export the model again ({error})"
        ) from error


_SPIN_US = "20"
_SPIN_CAN_BE_SHORT = (1, 26)  # Before it, onnxruntime ignores how long a thread may spin.


def _wait(options: Any) -> None:
    """How threads wait for the next product: by spinning for an instant, then asleep.

    The next one mostly follows within that instant, and being woken takes as long. Threads that spin for
    longer take the processor from the editor, the compiler and the next request (docs/results.md).
    """
    version = tuple(int(part) for part in ort.__version__.split(".")[:2])
    short = version >= _SPIN_CAN_BE_SHORT
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(short)))
    if short:
        options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_US)


def value(array: np.ndarray[Any, Any]) -> Any:
    """The array as onnxruntime has it: the same memory, not a copy."""
    return ort.OrtValue.ortvalue_from_numpy(array)
