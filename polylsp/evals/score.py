"""What positions come to under some weights: bits per byte, and how often the likeliest words are the file's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean

import numpy as np

from polylsp.engine.mix import Gate
from polylsp.evals.positions import Document, Numbers, Positions
from polylsp.evals.table import Table, flat


@dataclass(frozen=True, slots=True)
class Scored:
    """Of each position, what it costs and whether the likeliest token is right."""

    bits: Numbers
    right: Numbers


def alone(positions: Positions) -> Scored:
    """The model without any memory."""
    return Scored(-positions.own / np.log(2), positions.likeliest == positions.token)


def scored(positions: Positions, gate: Gate) -> Scored:
    """Model and memory, mixed by `gate`."""
    table, weights = Table.of(positions), flat(gate)
    bits = -np.log2(np.maximum(table.right(weights), 1e-30))
    return Scored(bits, _spoken(positions, *table.shares(weights)) == positions.token)


def bits_per_byte(documents: tuple[Document, ...], bits: Numbers) -> dict[str, float]:
    """By language."""
    cost: dict[str, float] = {}
    length: dict[str, int] = {}
    for one in documents:
        cost[one.language] = cost.get(one.language, 0) + float(bits[one.first : one.end].sum())
        length[one.language] = length.get(one.language, 0) + one.bytes
    return {language: cost[language] / max(1, length[language]) for language in cost}


def exact_match(positions: Positions, right: Numbers) -> dict[str, float]:
    """The share of places from which the likeliest tokens are the file's to the line's end; by language."""
    found: dict[str, list[bool]] = {}
    for one in positions.documents:
        found.setdefault(one.language, []).extend(
            _to_the_end(positions.ends[one.first : one.end], right[one.first : one.end])
        )
    return {language: sum(places) / max(1, len(places)) for language, places in found.items()}


def mean_of(languages: Mapping[str, float]) -> float:
    """Each language counts alike."""
    return mean(languages.values()) if languages else 0.0


def _to_the_end(ends: Numbers, right: Numbers) -> list[bool]:
    """Of each place whose line ends within the stretch, whether all is right until then."""
    result: list[bool] = []
    line: bool | None = None  # Whether the line is right from here on; None behind the last end.
    for end, one in zip(ends[::-1].tolist(), right[::-1].tolist(), strict=True):
        if end:
            line = True
        if line is not None:
            line = line and one
            result.append(line)
    return result


def _spoken(positions: Positions, own: Numbers, shares: Numbers) -> Numbers:
    """The token that the mixture finds likeliest, at each position."""
    total = np.bincount(positions.match, positions.count, len(positions.at))
    given = shares[positions.match] * positions.count / total[positions.match]
    at = positions.at[positions.match]
    # A token that several matches name is likely by all of them.
    keys, first, which = np.unique(
        at << 32 | positions.named, return_index=True, return_inverse=True
    )
    here = at[first]
    chance = np.bincount(which, given, len(keys)) + own[here] * np.exp(positions.said[first])
    best = own * np.exp(positions.sure)
    spoken = positions.likeliest.copy()
    order = np.argsort(chance, kind="stable")
    better = order[chance[order] > best[here[order]]]
    spoken[here[better]] = keys[better] & 0xFFFFFFFF  # The likeliest of a position is written last.
    return spoken
