"""Which model suits this machine: what each is worth as far as that was measured, and what it would cost here.

One model's speed is measured, the embedded one's. Another's is told from its size, which errs towards too slow:
larger matrices make better use of a processor. Worth is never guessed; see docs/results.md.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from polylsp.models.cards import Card
from polylsp.models.registry import Model

# Of the characters typed into held-out files, by name, as installed: the share completed, and the share of what
# was shown that was wrong (docs/results.md, "At human speed").
MEASURED: dict[str, tuple[float, float]] = {
    "embedded": (0.296, 0.175),
    "smollm2-135m": (0.407, 0.163),
}
_LINE = 8  # Tokens of a usual suggestion.
_PATIENCE = 400  # Milliseconds: what an automatic suggestion may take (engine.budget).
_SAMPLE = "int main(int argc, char **argv)\n{\n    return 0;\n}\n" * 12


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model runs here."""

    first_ms: float  # For a prompt of 128 tokens.
    token_ms: float


@dataclass(frozen=True, slots=True)
class Advice:
    """One model, as a choice for this machine."""

    card: Card
    completed: float | None  # Shares; None where nobody measured.
    wrong: float | None
    # What a usual suggestion takes here, about; measured of the embedded model alone.
    line_ms: float
    suits: bool  # Quick enough here, and there is memory for it.
    best: bool  # Of those that suit, the one that is worth most.


def pace(model: Model) -> Pace:
    """Have a model read and write a little; what others do on the machine meanwhile counts little."""
    tape = model.weights.tape()
    ids = model.tokenizer.encode(_SAMPLE)[:128]
    started = time.perf_counter()
    tape.extend(ids)
    first = time.perf_counter() - started
    times = []
    for token in ids[:64]:
        started = time.perf_counter()
        tape.extend([token])
        times.append(time.perf_counter() - started)
    return Pace(first * 1000, quantiles(times, n=4)[0] * 1000)


def advise(cards: Sequence[Card], measured: Pace, free: int | None) -> list[Advice]:
    """What to think of each model. `measured`: of the first one; `free`: bytes of memory that may be taken."""
    per_parameter = measured.token_ms / max(1, cards[0].parameters)
    costs = [_LINE * per_parameter * card.parameters for card in cards]
    suits = [
        cost <= _PATIENCE and _fits(card, free) for card, cost in zip(cards, costs, strict=True)
    ]
    worth = {
        card.name: MEASURED[card.name][0]
        for card, good in zip(cards, suits, strict=True)
        if good and card.name in MEASURED
    }
    best = max(worth, key=worth.__getitem__, default="")
    found = []
    for card, cost, good in zip(cards, costs, suits, strict=True):
        completed, wrong = MEASURED.get(card.name, (None, None))
        found.append(Advice(card, completed, wrong, cost, good, card.name == best))
    return found


def _fits(card: Card, free: int | None) -> bool:
    """Whether there is memory for it in the smallest of the forms it comes in."""
    return free is None or not card.memory or min(card.memory.values()) << 20 <= free
