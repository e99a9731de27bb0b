"""What a replay promises. Quality is read from the steady run, speed from the one in human time.

Speed is that of the slower of our clients; beside a rival it is our first one's, each with its own delay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from polylsp.bench.claims import Claim
from polylsp.bench.replay.editors import CLIENTS

RIVAL = "llamavim"


@dataclass(frozen=True, slots=True)
class Targets:
    completed: float
    wrong: float
    show_p50_ms: float | None
    show_p95_ms: float
    before_next_key: float
    cores: float


# For the embedded model, and for those that are ten times its size.
_SMALL = Targets(0.16, 0.30, 25, 150, 0.90, 0.15)
_LARGE = Targets(0.25, 0.25, None, 400, 0.60, 0.50)
# With the workspace remembered: how much is completed then, and how many times as much as without memory.
_REMEMBERED = {True: (0.23, 1.3), False: (0.29, 1.08)}  # Whether it is the embedded model.


def claims(report: Mapping[str, Any], human_speed: bool) -> list[Claim]:
    """All that can be told from `report`; of time only what was typed at a person's speed."""
    model = report["model"]
    targets = _SMALL if model == "embedded" else _LARGE
    if report.get("memory") == "all":
        targets = replace(targets, completed=_REMEMBERED[model == "embedded"][0])
    found = [*_quality(report, targets, model), *_gain(report, model)]
    ours = {name: row for name, row in report.get("timed", {}).items() if name in CLIENTS}
    if ours:
        found += _reuse(ours, model)
        if human_speed:
            found += _speed(ours, targets, model)
            found += _beside(ours, report["timed"].get(RIVAL), model)
    return found


def _quality(report: Mapping[str, Any], targets: Targets, model: str) -> Iterator[Claim]:
    if "mean" in report:
        mean, shown = report["mean"], report["shown"]
        completed, wrong = mean.get("completed", 0), mean.get("wrong", 0)
        yield Claim("completed_ratio", completed, targets.completed, shown, model=model)
        yield Claim(
            "wrong_show_rate", wrong, targets.wrong, shown, more_is_better=False, model=model
        )
        if "calibration_error" in report:
            error = report["calibration_error"]
            yield Claim("calibration_error", error, 0.05, shown, more_is_better=False, model=model)
        if plain := report.get("whole_line"):
            better = completed / max(1e-4, plain["mean"]["completed"])
            fewer = plain["mean"]["wrong"] / max(1e-4, wrong)
            yield Claim("completed_vs_whole_line", better, 1.2, plain["shown"], model=model)
            yield Claim("wrong_vs_whole_line", fewer, 1.5, plain["shown"], model=model)
    timed = [row for name, row in report.get("timed", {}).items() if name in CLIENTS]
    ours = [report, *timed] if "mean" in report else timed
    flickers, shown = (sum(one[key] for one in ours) for key in ("flickers", "shown"))
    yield Claim("flickers", flickers, 0, shown, more_is_better=False, model=model)


def _gain(report: Mapping[str, Any], model: str) -> Iterator[Claim]:
    """What memory added to the same model without it, over the same files."""
    without = report.get("beside", {})
    if "mean" not in report or (report.get("memory"), without.get("memory")) != ("all", "off"):
        return
    now, before, n = report["mean"], without["mean"], report["shown"]
    least = _REMEMBERED[model == "embedded"][1]
    gain = now["completed"] / max(1e-4, before["completed"])
    yield Claim("memory_completed_gain", gain, least, n, model=model)
    yield Claim("memory_wrong", before["wrong"] - now["wrong"], 0.0, n, model=model)


def _reuse(ours: Mapping[str, Mapping[str, Any]], model: str) -> Iterator[Claim]:
    if found := _worst(ours, "kv_reuse", min):
        yield Claim("kv_reuse", found["kv_reuse"], 0.97, int(found["kv_reuse_tokens"]), model=model)


def _speed(ours: Mapping[str, Mapping[str, Any]], targets: Targets, model: str) -> Iterator[Claim]:
    for name, most, of in (
        ("show_p50_ms", targets.show_p50_ms, "new_items"),
        ("show_p95_ms", targets.show_p95_ms, "new_items"),
        ("typed_through_p95_ms", 5, "typed_through"),
        ("cores_while_typing", targets.cores, "keys"),
        ("idle_cores", 0.01, "keys"),
    ):
        if most is not None and (found := _worst(ours, name, max)):
            yield Claim(name, found[name], most, int(found[of]), more_is_better=False, model=model)
    for name, least, of in (
        ("before_next_key", targets.before_next_key, "before_next_key_of"),
        ("answered_from_earlier", 0.70, "items"),
    ):
        if found := _worst(ours, name, min):
            yield Claim(name, found[name], least, int(found[of]), model=model)


def _beside(
    ours: Mapping[str, Mapping[str, Any]], rival: Mapping[str, Any] | None, model: str
) -> Iterator[Claim]:
    if rival is None:
        return
    first = next(iter(ours.values()))
    for name, of, target in (
        ("p95_vs_llamavim", "key_to_item_p95_ms", 2.0),
        ("cpu_vs_llamavim", "cpu_seconds_per_1000", 1.0),
    ):
        if of in rival and first.get(of):
            yield Claim(name, rival[of] / first[of], target, rival["new_items"], model=model)


def _worst(
    ours: Mapping[str, Mapping[str, Any]], name: str, worst: Callable[..., Any]
) -> Mapping[str, Any]:
    """The row of the client that did worst in one figure; empty where none has it."""
    having = [row for row in ours.values() if name in row]
    found: Mapping[str, Any] = worst(having, key=lambda row: row[name]) if having else {}
    return found
