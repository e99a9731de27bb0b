"""Model and memory → one distribution.

P = w₀·P_model + Σ wₑ·Pₑ: an expert is a match of one source, what followed it its distribution, and the weights a
softmax over what is known of each match (after Xu et al., ICLR 2022: weights by locality; gates as in mixtures of
experts). Only the logits of tokens that memory names change, so all that works on logits sees the mixture.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Any, NamedTuple

import numpy as np

from polylsp.engine.backend import Logits, Softmax
from polylsp.engine.memory import Kind, Match

FORMAT = 1  # Of the weights' file; raised when an older polylsp could not use a newer one.
KINDS = len(Kind)
ORDERS = 2

# Buckets. A match falls into one of each row below; the weights of those add up.
_LENGTHS = (3, 4, 5, 7, 9, 13, 16)
_COUNTS = (2, 3, 5, 10)
_SHARES = (0.5, 0.75, 1.0)  # Of the token that followed most.
_SURE = (0.1, 0.3, 0.5, 0.7, 0.9, 0.97)  # The model's likeliest token.
ROWS: Mapping[str, int] = {
    "bias": 1,
    "length": len(_LENGTHS) + 1,
    "evidence": (len(_COUNTS) + 1) * (len(_SHARES) + 1),
    "surety": 2 * (len(_SURE) + 1),
}
Cell = tuple[str, int, int]  # Row, kind and order together, bucket.


def cells(match: Match, likeliest: int, sure: float) -> tuple[Cell, ...]:
    """Where the weight of `match` is kept, if the model says `likeliest` with probability `sure`."""
    surety = _bucket(sure) + (match.following[0][0] == likeliest)
    return (*_own_cells(match), ("surety", _row_of(match), surety))


def _own_cells(match: Match) -> tuple[Cell, ...]:
    """Those that need nothing but the match."""
    at = _row_of(match)
    total = match.total
    evidence = bisect_right(_SHARES, match.following[0][1] / total) * (len(_COUNTS) + 1)
    return (
        ("bias", at, 0),
        ("length", at, bisect_right(_LENGTHS, match.length)),
        ("evidence", at, evidence + bisect_right(_COUNTS, total)),
    )


def _row_of(match: Match) -> int:
    return match.kind * ORDERS + match.order


def _bucket(sure: float) -> int:
    """Of a model that is so sure of another token than the match's; the next one is of the same token."""
    return 2 * bisect_right(_SURE, sure)


class Experts(NamedTuple):
    """Matches, weighed as far as that goes before the model has spoken."""

    matches: tuple[Match, ...]
    said: tuple[int, ...]  # What followed each most.
    trusts: tuple[float, ...]  # The log-odds of each against the model, so far.
    sureties: tuple[Sequence[float], ...]  # What the model adds to them, by bucket.
    columns: Mapping[int, int]  # Of every token that any of them names.
    named: np.ndarray[Any, np.dtype[np.int64]]  # Those tokens.
    # Of each match, how much of what followed was which: (column, share).
    chances: tuple[tuple[tuple[int, float], ...], ...]

    def likely(self, most: int) -> list[int]:
        """Up to `most` tokens, those first that are likeliest before the model has spoken."""
        highest = max(self.trusts)
        gains = self.given([math.exp(trust - highest) for trust in self.trusts])
        return nlargest(most, self.columns, key=lambda token: gains[self.columns[token]])

    def given(self, shares: Sequence[float]) -> list[float]:
        """What they give each token that they name, where they have such `shares`."""
        gains = [0.0] * len(self.columns)
        for share, row in zip(shares, self.chances, strict=True):
            for column, chance in row:
                gains[column] += share * chance
        return gains


def experts(matches: Sequence[Match], gate: Gate) -> Experts:
    """`matches` as `mixed` takes them."""
    rows = gate.rows["surety"]
    columns: dict[int, int] = {}
    for one in matches:
        for token, _ in one.following:
            columns.setdefault(token, len(columns))
    chances = [
        tuple([(columns[token], count / one.total) for token, count in one.following])
        for one in matches
    ]
    return Experts(
        tuple(matches),
        tuple([one.following[0][0] for one in matches]),
        tuple([gate.trust(_own_cells(one)) for one in matches]),
        tuple([rows[_row_of(one)] for one in matches]),
        columns,
        np.array(list(columns), np.int64),
        tuple(chances),
    )


class Gate:
    """The weights: how far each kind of match is to be trusted, as log-odds against the model."""

    def __init__(self, rows: Mapping[str, Sequence[Sequence[float]]]) -> None:
        self.rows = {name: [list(row) for row in rows[name]] for name in ROWS}

    def trust(self, where: Sequence[Cell]) -> float:
        """The log-odds of a match against the model."""
        rows = self.rows
        trust = 0.0
        for row, at, bucket in where:
            trust += rows[row][at][bucket]
        return trust

    @classmethod
    def parse(cls, data: Any) -> Gate:
        """What `data` was written from. Raises ValueError, which tells what is wrong with it."""
        match data:
            case {"format": 1, "rows": dict(rows)}:
                return cls({name: _row(rows.get(name), name) for name in ROWS})
            case {"format": other} if other != FORMAT:
                raise ValueError(f"its format is {other!r}, this version reads {FORMAT}")
        raise ValueError("it does not hold a mixture's weights")

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        rows = {
            name: [[round(one, 3) for one in row] for row in rows]
            for name, rows in self.rows.items()
        }
        return {"format": FORMAT, "rows": rows}


def _row(data: Any, name: str) -> list[list[float]]:
    buckets = ROWS[name]
    whole = isinstance(data, list) and len(data) == KINDS * ORDERS
    if not (whole and all(isinstance(row, list) and len(row) == buckets for row in data)):
        raise ValueError(f"{name!r} must be {KINDS * ORDERS} lists of {buckets} numbers")
    if not all(isinstance(one, int | float) and abs(one) < 100 for row in data for one in row):
        raise ValueError(f"{name!r} holds something that is no weight")
    return [[float(one) for one in row] for row in data]


class Mixed(NamedTuple):
    """Model and memory at one place."""

    experts: Experts
    shares: Sequence[float]  # The weight of each match.
    own: float  # What is left, which is the model's.
    gains: Sequence[float]  # What the matches give each token that they name.
    model: Softmax  # What the model said.
    # Of the tokens that are named, as the model's are told: relative to its likeliest token's, and to its share.
    powers: Sequence[float]
    likeliest: int

    @property
    def logits(self) -> Logits:
        """What softmax makes of them is the distribution. Reckoned each time: most tokens need but one of them."""
        logits = self.model.logits.copy()
        logits[self.experts.named] = np.log(self.powers) + float(logits[self.model.likeliest])
        return logits

    def logprob(self, token: int) -> float:
        """The natural-log probability of `token`."""
        return math.log(sum(self.parts(token)))

    @property
    def matches(self) -> tuple[Match, ...]:
        """What was mixed in."""
        return self.experts.matches

    @property
    def where(self) -> tuple[tuple[Cell, ...], ...]:
        """Where the weight of each match is kept."""
        model = self.model
        return tuple(cells(match, model.likeliest, model.sure) for match in self.matches)

    def parts(self, token: int) -> tuple[float, float]:
        """What the model and what memory gives `token`, of its probability."""
        column = self.experts.columns.get(token)
        own = self.own * self.model.chance(token)
        return own, 0.0 if column is None else self.gains[column]

    def giver(self, token: int) -> Match | None:
        """The match that gives `token` the most, if memory gives it anything."""
        if token not in self.experts.columns:
            return None
        weighed = zip(self.shares, self.matches, strict=True)
        given = [share * match.chance(token) for share, match in weighed]
        return self.matches[given.index(max(given))]


def mixed(model: Softmax, experts: Experts) -> Mixed:
    """What the model says, with what followed the same before mixed in."""
    likeliest, bucket = model.likeliest, _bucket(model.sure)
    weighed = zip(experts.trusts, experts.sureties, experts.said, strict=True)
    trusts = [trust + surety[bucket + (said == likeliest)] for trust, surety, said in weighed]
    highest = max([0.0, *trusts])
    odds = [math.exp(trust - highest) for trust in trusts]
    own = math.exp(-highest)
    sum_ = own + sum(odds)
    own, shares = own / sum_, [one / sum_ for one in odds]
    gains = experts.given(shares)
    scale = 1 / (own * model.sure)
    # What nobody names keeps its power, so the likeliest is the model's (whose power is 1) or a named one.
    before = model.powers[experts.named].tolist()
    powers = [power + gain * scale for power, gain in zip(before, gains, strict=True)]
    highest = max(powers, default=0.0)
    if highest >= 1:
        likeliest = int(experts.named[powers.index(highest)])
    return Mixed(experts, shares, own, gains, model, powers, likeliest)
