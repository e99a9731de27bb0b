"""Cross-entropy over the vocabulary without keeping logits: they are the largest thing there is.

A few rows at a time are multiplied out, turned into what the gradient needs, and forgotten; so forward and
backward are one, and logits never leave the processor's cache.
"""

from __future__ import annotations

from typing import Any

import torch

Tensor = Any  # torch's own types are not known where torch is not installed.

_ROWS = {"cpu": 256}
_ROWS_ELSEWHERE = 8_192


def summed_loss(hidden: Tensor, head: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """The weighted sum over rows of -log softmax(hidden · headᵀ)[target]."""
    return _Loss.apply(hidden, head, targets, weights)


def losses(hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """That of each row, without a gradient."""
    with torch.no_grad():
        return torch.cat(
            [
                torch.nn.functional.cross_entropy(one @ head.T, target, reduction="none")
                for one, target in zip(
                    hidden.split(_ROWS["cpu"]), targets.split(_ROWS["cpu"]), strict=True
                )
            ]
        )


class _Loss(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(
        context: Any, hidden: Tensor, head: Tensor, targets: Tensor, weights: Tensor
    ) -> Tensor:
        kind = hidden.device.type
        exact = (
            hidden.dtype if not torch.is_autocast_enabled(kind) else torch.get_autocast_dtype(kind)
        )
        with torch.autocast(kind, enabled=False):
            matrix = head.to(exact)
            by_hidden = torch.empty_like(hidden)
            by_head = torch.zeros_like(head, dtype=torch.float32)
            total = torch.zeros((), device=hidden.device)
            rows = _ROWS.get(kind, _ROWS_ELSEWHERE)
            for at in range(0, len(hidden), rows):
                part = slice(at, at + rows)
                one = hidden[part].to(exact)
                chances = torch.softmax((one @ matrix.T).float(), dim=-1)
                target, weight = targets[part, None], weights[part, None]
                right = chances.gather(1, target)
                total -= (right.clamp_min(1e-30).log() * weight).sum()
                chances.scatter_(1, target, right - 1)
                gradient = chances.mul_(weight).to(exact)
                by_hidden[part] = (gradient @ matrix).to(hidden.dtype)
                if exact == torch.float32:
                    by_head.addmm_(gradient.T, one)
                else:
                    by_head += gradient.T @ one
        context.save_for_backward(by_hidden, by_head.to(head.dtype))
        return total

    @staticmethod
    def backward(context: Any, outer: Tensor) -> tuple[Tensor, Tensor, None, None]:
        by_hidden, by_head = context.saved_tensors
        return by_hidden * outer, by_head * outer, None, None
