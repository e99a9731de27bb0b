"""Choose the next token of a distribution, freely or among those allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

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


class Said(Protocol):
    """What is said of the next token: by a model, or by model and memory."""

    @property
    def logits(self) -> Logits:
        """Of all tokens, (n_vocab,)."""
        ...

    @property
    def likeliest(self) -> int:
        """The token whose logit is the highest, which can be had without the others."""
        ...

    def logprob(self, token: int) -> float:
        """The natural-log probability of `token`."""
        ...


def pick(
    said: Said, sampling: Sampling, random: np.random.Generator, allowed: Ids | None = None
) -> tuple[int, float]:
    """A token and its natural-log probability, which is always that of what was `said` (temperature 1).

    With `allowed`, only those ids can be chosen, and the probability is given that it is one of them.
    """
    if allowed is not None:
        said = softmax(said.logits[allowed])
    if sampling.temperature <= 0:
        index = said.likeliest
    else:
        index = _draw(said.logits / sampling.temperature, sampling, random)
    return (index if allowed is None else int(allowed[index])), said.logprob(index)


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
