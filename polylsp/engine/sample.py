"""Choose the next token from logits, freely or among those allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from polylsp.engine.backend import Logits, log_softmax, softmax

Ids = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How freely to choose. Temperature 0 is greedy: always the likeliest token."""

    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 0  # 0: no limit.
    seed: int = 0


GREEDY = Sampling()


def pick(
    logits: Logits,
    sampling: Sampling,
    random: np.random.Generator,
    allowed: Ids | None = None,
    total: float | None = None,
) -> tuple[int, float]:
    """A token and its natural-log probability, which is always the model's own (temperature 1).

    With `allowed`, only those ids can be chosen, and the probability is given that it is one of them. `total`:
    the logarithm of the sum of the logits' exponentials, where it is known.
    """
    if allowed is not None:
        logits, total = logits[allowed], None
    if sampling.temperature <= 0:
        index = int(logits.argmax())
        logprob = float(logits[index]) - (softmax(logits).total if total is None else total)
    else:
        logprobs = log_softmax(logits)
        index = _draw(logprobs / sampling.temperature, sampling, random)
        logprob = float(logprobs[index])
    return (index if allowed is None else int(allowed[index])), logprob


# As many tokens as nucleus sampling needs, nearly always: to sort a vocabulary takes longer than a pass.
_USUAL = 256


def _draw(scaled: Logits, sampling: Sampling, random: np.random.Generator) -> int:
    probabilities = np.exp(log_softmax(scaled))
    order = _first(probabilities, sampling.top_k or _USUAL)
    if not sampling.top_k and probabilities[order].sum() < sampling.top_p:
        order = _first(probabilities, len(probabilities))
    weights = probabilities[order]
    if sampling.top_k:
        weights /= weights.sum()
    # Nucleus sampling (Holtzman et al. 2019): the fewest tokens whose weights reach top_p.
    kept = int(np.searchsorted(np.cumsum(weights), sampling.top_p)) + 1
    weights = weights[:kept] / weights[:kept].sum()
    return int(order[random.choice(len(weights), p=weights)])


def _first(probabilities: Logits, count: int) -> Ids:
    """The ids of the `count` largest, in order."""
    ids = np.arange(len(probabilities))
    if count < len(probabilities):
        ids = np.argpartition(-probabilities, count)[:count]
    return ids[np.argsort(-probabilities[ids], kind="stable")]
