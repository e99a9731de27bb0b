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
_ONE_OF = 4  # Of the tokens that are known already, one in so many is learnt from, for all of them.


def summed_loss(
    hidden: Tensor, head: Tensor, targets: Tensor, weights: Tensor, sure: float = 1.0
) -> Tensor:
    """The weighted sum over rows of -log softmax(hidden · headᵀ)[target].

    Rows whose target has a chance above `sure` hardly have a gradient, so most of theirs is not computed; those
    that stand for them count for more, and in the mean it is the same.
    """
    return _Loss.apply(hidden, head, targets, weights, sure)


def losses(hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """That of each row, without a gradient."""
    rows = _ROWS["cpu"]
    with torch.no_grad():
        return torch.cat(
            [
                torch.nn.functional.cross_entropy(one @ head.T, target, reduction="none")
                for one, target in zip(hidden.split(rows), targets.split(rows), strict=True)
            ]
        )


class _Loss(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(
        context: Any, hidden: Tensor, head: Tensor, targets: Tensor, weights: Tensor, sure: float
    ) -> Tensor:
        kind = hidden.device.type
        half = torch.is_autocast_enabled(kind)
        exact = torch.get_autocast_dtype(kind) if half else hidden.dtype
        rows = _ROWS.get(kind, _ROWS_ELSEWHERE)
        with torch.autocast(kind, enabled=False):
            matrix = head.to(exact)
            by_hidden = torch.zeros_like(hidden)
            by_head = torch.zeros_like(head, dtype=torch.float32)
            total = torch.zeros((), device=hidden.device)
            for at in range(0, len(hidden), rows):
                one, target, weight = (part[at : at + rows] for part in (hidden, targets, weights))
                one, target, weight = one.to(exact), target[:, None], weight[:, None]
                chances = torch.softmax((one @ matrix.T).float(), dim=-1)
                right = chances.gather(1, target)
                total -= (right.clamp_min(1e-30).log() * weight).sum()
                chances.scatter_(1, target, right - 1)
                if sure < 1:
                    kept, weight = _kept(right, weight, sure)
                    one, chances = one[kept], chances[kept]
                else:
                    kept = slice(None)
                gradient = chances.mul_(weight).to(exact)
                by_hidden[at : at + rows][kept] = (gradient @ matrix).to(hidden.dtype)
                if exact == torch.float32:
                    by_head.addmm_(gradient.T, one)
                else:
                    by_head += gradient.T @ one
        context.save_for_backward(by_hidden, by_head.to(head.dtype))
        return total

    @staticmethod
    def backward(context: Any, outer: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        by_hidden, by_head = context.saved_tensors
        return by_hidden * outer, by_head * outer, None, None, None


def _kept(right: Tensor, weight: Tensor, sure: float) -> tuple[Tensor, Tensor]:
    """Which rows have their gradient computed, and what those count."""
    known = right[:, 0] > sure
    stands_in = torch.arange(len(known), device=known.device) % _ONE_OF == 0
    kept = (~known | stands_in).nonzero()[:, 0]
    return kept, torch.where(known[:, None], weight * _ONE_OF, weight)[kept]
