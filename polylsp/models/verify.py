"""Whether a model is what was downloaded, and says something when it is run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from polylsp.errors import ModelError
from polylsp.models import store
from polylsp.models.registry import Model

_PROMPT = "def area(width, height):\n    return"
_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Smoke:
    """What a model said when it was tried."""

    prompt: str
    completion: str


def damaged(name: str) -> list[str]:
    """What is wrong with the files that were downloaded as `name`; nothing where none were."""
    return list(store.damaged(name)) if store.receipt(name) else []


def smoke(model: Model) -> Smoke:
    """Let the model go on from a line of code, greedily. Raises ModelError where it computes nonsense."""
    tokenizer, tape = model.tokenizer, model.weights.tape()
    start = [tokenizer.special[model.layout.start]] if model.layout.start else []
    logits = tape.extend([*start, *tokenizer.encode(_PROMPT)])[-1]
    said: list[int] = []
    while True:
        if not np.isfinite(logits[: tokenizer.size]).all():
            raise ModelError(f"{model.folder} computes no numbers: convert it again")
        said.append(int(logits[: tokenizer.size].argmax()))
        if len(said) == _TOKENS:
            return Smoke(_PROMPT, tokenizer.decode(said))
        logits = tape.extend(said[-1:])[-1]
