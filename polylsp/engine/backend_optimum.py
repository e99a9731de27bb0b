"""ONNX Runtime on the CPU, with a graph that optimum wrote: any architecture, the common way.

Key/value state is an input and comes back longer: every pass copies it. Truncating is remembered, and the
state is cut when the tape is next read on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from polylsp.engine.backend import Backend, Logits, Weights
from polylsp.engine.backend_onnx import open_session, value
from polylsp.errors import BackendError, ModelError

_INPUTS = {"input_ids", "attention_mask", "position_ids", "logit_start"}
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class _Past(NamedTuple):
    """One input of key/value state."""

    name: str
    present: str  # The output that it comes back as.
    shape: tuple[int, ...]  # Of no tokens.
    axis: int  # Along which tokens are added.
    type: Any


class OptimumWeights(Weights):
    """A session and what its key/value state looks like."""

    def __init__(self, path: Path, n_ctx: int, threads: int) -> None:
        """Raises ModelError where `path` is not such a graph."""
        self.session = open_session(path, threads)
        nodes = {node.name: node for node in self.session.get_inputs()}
        self.past = [
            _past(path, node) for node in nodes.values() if node.name.startswith("past_key_values.")
        ]
        self.inputs = nodes.keys() - {past.name for past in self.past}
        if not self.past or "input_ids" not in self.inputs or self.inputs - _INPUTS:
            raise ModelError(
                f"{path} cannot be driven (inputs: {', '.join(nodes)}): "
                "export the model with `polylsp export`"
            )
        self.n_ctx = n_ctx
        self.n_vocab = int(self.session.get_outputs()[0].shape[-1])
        self.tape_bytes = sum(
            np.dtype(past.type).itemsize * int(np.prod(_with(past, n_ctx))) for past in self.past
        )

    def tape(self) -> OptimumTape:
        return OptimumTape(self)


class OptimumTape(Backend):
    """The state that came back last, and how many of its tokens count."""

    def __init__(self, weights: OptimumWeights) -> None:
        self.n_ctx = weights.n_ctx
        self.n_past = 0
        self._weights = weights
        self._state = [value(np.zeros(past.shape, past.type)) for past in weights.past]
        self._held = 0  # Tokens in `_state`; those from `n_past` on are forgotten already.

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        after = self.after(token_ids)
        try:
            self._cut()
            logits, *state = self._run(token_ids, after, last)
        except Exception as error:
            raise BackendError(f"onnxruntime failed: {error}") from error
        self._state = state
        self._held = self.n_past = after
        result: Logits = logits.numpy()[0][-last:].astype(np.float32, copy=False)
        return result

    def truncate(self, n_past: int) -> None:
        self.n_past = min(n_past, self.n_past)

    def _run(self, token_ids: Sequence[int], after: int, last: int) -> list[Any]:
        feeds = {
            "input_ids": np.array([token_ids], np.int64),
            "attention_mask": np.ones((1, after), np.int64),
            "position_ids": np.arange(self.n_past, after, dtype=np.int64)[None],
            "logit_start": np.array([len(token_ids) - last], np.int64),
        }
        binding = self._weights.session.io_binding()
        for name in self._weights.inputs:
            binding.bind_cpu_input(name, feeds[name])
        binding.bind_output("logits", "cpu")
        for past, held in zip(self._weights.past, self._state, strict=True):
            binding.bind_ortvalue_input(past.name, held)
            binding.bind_output(past.present, "cpu")
        self._weights.session.run_with_iobinding(binding)
        outputs: list[Any] = binding.get_outputs()
        return outputs

    def _cut(self) -> None:
        if self._held == self.n_past:
            return
        kept = []
        for past, held in zip(self._weights.past, self._state, strict=True):
            index = (slice(None),) * past.axis + (slice(self.n_past),)
            kept.append(value(np.ascontiguousarray(held.numpy()[index])))
        self._state, self._held = kept, self.n_past


def _past(path: Path, node: Any) -> _Past:
    """Where the tokens are in a key/value input: its dimensions have names."""
    axes = [axis for axis, dim in enumerate(node.shape) if "past" in str(dim)]
    known = [dim for dim in node.shape[1:] if isinstance(dim, int)]
    if len(axes) != 1 or len(known) != len(node.shape) - 2 or node.type not in _TYPES:
        raise ModelError(f"{path}: {node.name} has an unknown shape {node.shape} or {node.type}")
    shape = tuple(dim if isinstance(dim, int) else 1 for dim in node.shape)
    present = re.sub("^past_key_values", "present", node.name)
    made = _Past(node.name, present, shape, axes[0], _TYPES[node.type])
    return made._replace(shape=_with(made, 0))


def _with(past: _Past, tokens: int) -> tuple[int, ...]:
    return (*past.shape[: past.axis], tokens, *past.shape[past.axis + 1 :])
