"""Muon for the layers' matrices, AdamW for the rest, in one optimiser whose state can be saved and read.

Muon (Jordan et al. 2024) makes a matrix's step orthogonal, by a few products of matrices (Newton and Schulz).
Those of one size are done together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from polylsp.train.config import Training

Tensor = Any  # torch's own types are not known where torch is not installed.

_FIRST_BETA = 0.9  # AdamW's.
_TINY = 1e-8
_MOMENTUM = 0.95  # Muon's.
# A polynomial whose iterates bring every singular value near 1, fast rather than exactly.
_STEP = (3.4445, -4.7750, 2.0315)
_STEPS = 5


class Optimiser:
    """What the gradients' past is, and what follows from it."""

    def __init__(self, parameters: Mapping[str, Tensor], training: Training, heads: int) -> None:
        """`parameters`: by the names of the state dict."""
        self._training, self._heads = training, heads
        self._parameters = dict(parameters)
        self._by_muon = {
            name
            for name, one in self._parameters.items()
            if training.matrix_rate and one.ndim == 2 and ".layers." in name
        }
        self.state: dict[str, Tensor] = {}
        for name, one in self._parameters.items():
            for kind in ("momentum",) if name in self._by_muon else ("mean", "square"):
                self.state[f"{name}.{kind}"] = torch.zeros_like(one)

    def clip(self) -> float:
        """Make the gradient no longer than it may be; how long it was."""
        gradients = [one.grad for one in self._parameters.values()]
        norm = float(torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients))))
        if 0 < self._training.clip < norm:
            torch._foreach_mul_(gradients, self._training.clip / norm)
        return norm

    def step(self, share: float, number: int) -> None:
        """Take one, at `share` of the rates; the `number`-th since there is a past, from 1 on."""
        with torch.no_grad():
            for name, one in self._parameters.items():
                if name not in self._by_muon:
                    self._adam(name, one, self._training.rate * share, number)
            self._muon(self._training.matrix_rate * share)
            for one in self._parameters.values():
                one.grad = None

    def _adam(self, name: str, one: Tensor, rate: float, number: int) -> None:
        second = self._training.beta
        mean, square = self.state[f"{name}.mean"], self.state[f"{name}.square"]
        mean.lerp_(one.grad, 1 - _FIRST_BETA)
        square.mul_(second).addcmul_(one.grad, one.grad, value=1 - second)
        spread = (square / (1 - second**number)).sqrt_().add_(_TINY)
        if one.ndim > 1:
            one.mul_(1 - rate * self._training.weight_decay)
        one.addcdiv_(mean, spread, value=-rate / (1 - _FIRST_BETA**number))

    def _muon(self, rate: float) -> None:
        alike: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = {}
        for name in sorted(self._by_muon):
            one, momentum = self._parameters[name], self.state[f"{name}.momentum"]
            momentum.lerp_(one.grad, 1 - _MOMENTUM)
            step = one.grad.lerp(momentum, _MOMENTUM)  # Nesterov's.
            for pair in zip(self._matrices(name, one), self._matrices(name, step), strict=True):
                alike.setdefault(tuple(pair[0].shape), []).append(pair)
        for shape, pairs in alike.items():
            steps = orthogonal(torch.stack([_flat(step) for _, step in pairs]))
            longer = max(1.0, steps.shape[1] / steps.shape[2]) ** 0.5
            for (one, _), step in zip(pairs, steps, strict=True):
                one.mul_(1 - rate * self._training.weight_decay)
                one.add_(step.view(shape).to(one.dtype), alpha=-rate * longer)

    def _matrices(self, name: str, one: Tensor) -> Sequence[Tensor]:
        """Views of the matrices in a tensor: query, key and value are three, though they lie head by head."""
        if not name.endswith("query_key_value.weight"):
            return [one]
        parts: Sequence[Tensor] = one.view(self._heads, 3, -1, one.shape[1]).unbind(1)
        return parts


def _flat(one: Tensor) -> Tensor:
    return one.reshape(-1, one.shape[-1])


def orthogonal(matrices: Tensor) -> Tensor:
    """[count, rows, columns], each about as the nearest matrix whose singular values are 1."""
    turned = matrices.shape[1] > matrices.shape[2]
    one = (matrices.transpose(1, 2) if turned else matrices).float()
    one = one / (one.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = _STEP
    # Each step is a polynomial in one · oneᵀ, so it is enough to follow that, which is smaller.
    square = one @ one.transpose(1, 2)
    unit = torch.eye(square.shape[1], device=square.device)
    product = unit
    for number in range(_STEPS):
        factor = torch.baddbmm(b * square, square, square, alpha=c) + a * unit
        product = factor @ product if number else factor
        if number + 1 < _STEPS:
            square = factor @ square @ factor
    found = product @ one
    return found.transpose(1, 2) if turned else found
