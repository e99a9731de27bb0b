"""torch, with a forward pass of our own: on a GPU in 16 bits and by recorded steps, else on the processor.

Weights stay mapped from their file where the processor computes in the type they are stored in. The key/value
cache is one block of memory; truncating sets a number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch.nn import functional

from polylsp.engine.backend import Backend, Logits, Weights, is_steady
from polylsp.engine.shape import Shape
from polylsp.engine.torch_model import Network, Tensor
from polylsp.engine.torch_passes import SIZES, Passes, Steps, recorder
from polylsp.engine.torch_quantised import Quantised
from polylsp.errors import BackendError, ModelError


class TorchWeights(Weights):
    """A network on the device that there is."""

    steady = False  # Until it has been tried.

    def __init__(self, file: Path, engine: dict[str, Any], n_ctx: int, threads: int) -> None:
        """Raises ModelError where `file` does not hold the weights that `engine` describes."""
        torch.set_num_threads(threads)  # For the whole process: torch knows no other way.
        shape = _shape(file, engine)
        self.n_ctx = n_ctx
        self.n_vocab = shape.vocab
        self._gpu = torch.cuda.is_available()
        try:
            with torch.inference_mode():
                self.network = self._open(file, shape)
                passes = self._warmed()
            self.tape_bytes = self.network.cache_bytes
            self.steady = is_steady(TorchTape(self, passes), self.n_vocab)
        except (SafetensorError, OSError) as error:
            raise ModelError(
                f"{file} cannot be read ({error}): install or export the model again"
            ) from error
        except (RuntimeError, MemoryError, BackendError) as error:
            raise ModelError(
                f"torch cannot load {file} ({error}): where memory lacks, choose a smaller model, "
                "or export it with `--weights int8` or `int4`"
            ) from error
        self._spare: Passes | None = passes

    def tape(self) -> TorchTape:
        try:
            with torch.inference_mode():
                passes, self._spare = self._spare or self._passes(), None
        except (RuntimeError, MemoryError) as error:
            raise BackendError(f"no memory for {self.tape_bytes >> 20} MB of tape") from error
        return TorchTape(self, passes)

    def _open(self, file: Path, shape: Shape) -> Network:
        # A step may be filled up with tokens that lie behind the context.
        rows = self.n_ctx + SIZES[-1] if self._gpu else self.n_ctx
        with safe_open(file, framework="pt") as opened:
            source = _Source(opened, shape, torch.device("cuda" if self._gpu else "cpu"))
            return Network(shape, source, rows)

    def _passes(self) -> Passes:
        return Steps(self.network, recorder()) if self._gpu else Passes(self.network)

    def _warmed(self) -> Passes:
        """For the first tape: what can be recorded is recorded already."""
        passes = self._passes()
        if isinstance(passes, Steps):
            passes.warm()
        return passes


class TorchTape(Backend):
    """Passes over one cache, and a count of the tokens in it."""

    def __init__(self, weights: TorchWeights, passes: Passes) -> None:
        self.n_ctx = weights.n_ctx
        self.n_past = 0
        self.steady = weights.steady
        self._n_vocab = weights.n_vocab
        self._passes = passes

    def extend(self, token_ids: Sequence[int], last: int = 1) -> Logits:
        after = self.after(token_ids)
        # A GPU that is asked for a row it does not have is lost to the whole process.
        if not 0 <= min(token_ids) <= max(token_ids) < self._n_vocab:
            raise BackendError(f"ids reach from 0 to {self._n_vocab - 1}, not {max(token_ids)}")
        try:
            with torch.inference_mode():
                logits = self._passes.run(token_ids, self.n_past, last)
        except Exception as error:
            raise BackendError(f"torch failed: {error}") from error
        self.n_past = after
        return logits

    def truncate(self, n_past: int) -> None:
        self.n_past = min(n_past, self.n_past)


class _Source:
    """The tensors of one file, on their device and in the type that it computes in."""

    def __init__(self, opened: Any, shape: Shape, device: Any) -> None:
        """Raises ModelError where the embedding is missing, or not of the shape's size."""
        self._opened = opened
        self._names = frozenset(opened.keys())
        self._device = device
        if "embed.weight" not in self._names:
            raise ModelError("the weights lack 'embed.weight': export the model again")
        table = opened.get_tensor("embed.weight")
        if tuple(table.shape) != (shape.vocab, shape.hidden):
            raise ModelError("the weights and the manifest disagree: export the model again")
        self._type = computed_in(table.dtype, device)

    def get(self, name: str) -> Tensor | None:
        if name not in self._names:
            return None
        return self._opened.get_tensor(name).to(self._device, self._type)

    def linear(self, name: str) -> Callable[[Tensor], Tensor]:
        bias = self.get(name + ".bias")
        scales = self.get(name + ".scales")
        if scales is not None:
            codes = self._opened.get_tensor(name + ".codes").to(self._device)
            return Quantised(codes, scales, bias)
        weight = self.get(name + ".weight")
        if weight is None:
            raise ModelError(f"the weights lack {name + '.weight'!r}: export the model again")
        return lambda x: functional.linear(x, weight, bias)


def computed_in(stored: Any, device: Any) -> Any:
    """The type to compute in: float32 stays that; 16 bits stay as many where the device is good at it."""
    if stored == torch.float32:
        return stored
    if device.type == "cuda":
        return (
            torch.bfloat16
            if torch.cuda.is_bf16_supported(including_emulation=False)
            else torch.float16
        )
    return stored if stored == torch.bfloat16 and _has_bfloat16() else torch.float32


def _has_bfloat16() -> bool:
    """Whether the processor has instructions for it; elsewhere it is slower than float32."""
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in names)


def _shape(file: Path, engine: dict[str, Any]) -> Shape:
    """What the manifest says the model is built of. Raises ModelError."""
    said: Any = engine.get("shape")
    known = {field.name for field in dataclasses.fields(Shape)}
    try:
        return Shape(**{name: value for name, value in said.items() if name in known})
    except (AttributeError, TypeError) as error:
        raise ModelError(
            f"the manifest beside {file} does not say its shape ({error}): export the model again"
        ) from error
