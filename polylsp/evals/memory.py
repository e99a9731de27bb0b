"""What the memory is worth: bits per byte and exact match without it, with the document alone, with everything.

And what each of its parts adds to that: each source and each row of the weights left out, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from polylsp.bench.claims import Claim
from polylsp.engine.memory import Kind
from polylsp.engine.mix import ROWS, Gate
from polylsp.evals import online
from polylsp.evals.fit import fitted
from polylsp.evals.positions import Positions
from polylsp.evals.score import Scored, alone, bits_per_byte, exact_match, mean_of, scored
from polylsp.evals.table import SIZES, STARTS, Table, flat, gate_of

DOCUMENT = (Kind.ABOVE, Kind.BELOW)
# Model alone over mixed: what is promised of the embedded model, and of larger ones.
_GAIN, _GAIN_OF_OTHERS = 1.24, 1.20
_TOKEN_MS = 0.3
_GROWTH = 1.10


def worth(
    positions: Positions,
    gate: Gate,
    development: Positions | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """What `positions` say of the memory under `gate`.

    With `development` the weights are fitted to that anew for each part that is left out.
    """
    ways = _ways(positions, gate)
    bits, exact = _bits(positions, ways), _exact(positions, ways)
    languages = {
        language: _row(
            {name: found[language] for name, found in bits.items()},
            {name: found[language] for name, found in exact.items()},
        )
        for language in sorted(bits["model"])
    }
    mean_bits = {name: mean_of(found) for name, found in bits.items()}
    mean_exact = {name: mean_of(found) for name, found in exact.items()}
    return {
        "files": len(positions.documents),
        "tokens": len(positions),
        "languages": languages,
        "mean": _row(mean_bits, mean_exact),
        "without": dict(_without(positions, gate, development, say)),
        "refitted": development is not None,
        "learning": _learning(positions, gate, bits["everything"]),
        "twins": {
            f"{one.package}/{one.file}": one.twins for one in positions.documents if one.twins
        },
    }


def means(positions: Positions, gate: Gate) -> dict[str, Any]:
    """The first figures of `worth` alone."""
    ways = _ways(positions, gate)
    bits = {name: mean_of(found) for name, found in _bits(positions, ways).items()}
    exact = {name: mean_of(found) for name, found in _exact(positions, ways).items()}
    return _row(bits, exact)


def claims(
    model: str, report: Mapping[str, Any], cost: Mapping[str, Any] | None
) -> Iterator[Claim]:
    """What is promised of one model."""
    n = report["tokens"]
    target = _GAIN if model == "embedded" else _GAIN_OF_OTHERS
    yield Claim("memory_bits_gain", report["mean"]["gain"], target, n, model=model)
    learning = report["learning"]
    yield Claim("online_bits", learning["gain"], 1.0, n, model=model)
    yield Claim("online_bits_worst", learning["worst"], 1.0, len(report["languages"]), model=model)
    if cost is None:
        return
    sizes = sorted(cost["lines"], key=int)
    least, most = cost["lines"][sizes[0]], cost["lines"][sizes[-1]]
    for of in ("token", "block_token"):
        name, waits = f"memory_{of}_p95_ms", most[f"{of}_p95_ms"]
        yield Claim(name, waits, _TOKEN_MS, cost["tokens"], more_is_better=False, model=model)
    growth = most["key_p50_ms"] / max(1e-9, least["key_p50_ms"])
    yield Claim(
        "memory_latency_growth", growth, _GROWTH, cost["keys"], more_is_better=False, model=model
    )


def _ways(positions: Positions, gate: Gate) -> dict[str, Scored]:
    return {
        "model": alone(positions),
        "document": scored(positions.only(DOCUMENT), gate),
        "everything": scored(positions, gate),
    }


_ByLanguage = dict[str, dict[str, float]]


def _bits(positions: Positions, ways: Mapping[str, Scored]) -> _ByLanguage:
    return {name: bits_per_byte(positions.documents, one.bits) for name, one in ways.items()}


def _exact(positions: Positions, ways: Mapping[str, Scored]) -> _ByLanguage:
    return {name: exact_match(positions, one.right) for name, one in ways.items()}


def _row(bits: Mapping[str, float], exact: Mapping[str, float]) -> dict[str, Any]:
    return {
        "bits_per_byte": {name: round(one, 4) for name, one in bits.items()},
        "exact_match": {name: round(one, 4) for name, one in exact.items()},
        "gain": round(bits["model"] / bits["everything"], 4),
    }


def _without(
    positions: Positions,
    gate: Gate,
    development: Positions | None,
    say: Callable[[str], None],
) -> Iterator[tuple[str, dict[str, float]]]:
    """By what is left out, the bits per byte then, and over those with everything."""
    if development is not None:
        say("fitting with everything")
        gate = fitted([development])
    whole = _mean_bits(positions, gate)
    for kind in sorted({int(one) for one in np.unique(positions.kind)}):
        rest = [other for other in Kind if other != kind]
        name = Kind(kind).name.lower()
        say(f"without {name}")
        other = fitted([development.only(rest)]) if development is not None else gate
        bits = _mean_bits(positions.only(rest), other)
        yield name, {"bits_per_byte": round(bits, 4), "over": round(bits / whole, 4)}
    for row in ROWS:
        say(f"without {row}")
        if development is not None:
            other = fitted([development], [row])
        else:
            other = _levelled(gate, row, Table.of(positions))
        bits = _mean_bits(positions, other)
        yield f"row {row}", {"bits_per_byte": round(bits, 4), "over": round(bits / whole, 4)}


def _mean_bits(positions: Positions, gate: Gate) -> float:
    return mean_of(bits_per_byte(positions.documents, scored(positions, gate).bits))


def _levelled(gate: Gate, row: str, table: Table) -> Gate:
    """The same, but that a row says the same of every match of a kind: what it says on average.

    The bias says nothing else already, so it is levelled over all kinds.
    """
    weights = flat(gate)
    cells = table.cells[:, list(ROWS).index(row)]
    count = np.bincount(cells, minlength=len(weights))
    span = SIZES[row] if row == "bias" else ROWS[row]
    for start in range(STARTS[row], STARTS[row] + SIZES[row], span):
        part = slice(start, start + span)
        if count[part].sum():
            weights[part] = np.average(weights[part], weights=count[part])
    return gate_of(weights)


def _learning(positions: Positions, gate: Gate, fixed: Mapping[str, float]) -> dict[str, Any]:
    """Weights that learn beside fixed ones: the ratio of their bits per byte, above 1 where learning helps."""
    learnt = bits_per_byte(positions.documents, online.learnt(positions, gate))
    languages = {language: round(fixed[language] / learnt[language], 4) for language in fixed}
    return {
        "languages": languages,
        "bits_per_byte": round(mean_of(learnt), 4),
        "gain": round(mean_of(fixed) / mean_of(learnt), 4),
        "worst": min(languages.values()),
    }
