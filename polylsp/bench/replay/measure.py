"""The whole benchmark: the steady run, the same pieces in human time on each contestant, and the report."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polylsp.bench.claims import machine
from polylsp.bench.replay import quality, steady, targets, timing
from polylsp.bench.replay.contestant import Contestant
from polylsp.bench.replay.editors import CLIENTS
from polylsp.bench.replay.keys import Hand
from polylsp.bench.replay.pieces import pieces
from polylsp.bench.replay.record import Typed
from polylsp.bench.replay.typist import Clock, Typist, WallClock
from polylsp.errors import PolyError

# Rivals: module and class, called with a GGUF file, threads and context.
RIVALS = {"llamavim": "LlamaVim", "naive": "Naive"}
_SECONDS_PER_KEY = 0.25  # About.
_RESTING = 10.0  # Seconds after the last key until a server must be still …
_WATCHED = 5.0  # … and is watched.


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run."""

    settings: dict[str, Any]  # The server's.
    steady: bool = True
    whole_line: bool = False
    clients: tuple[str, ...] = tuple(CLIENTS)
    rivals: tuple[str, ...] = ()
    gguf: Path | None = None  # The rivals' weights.
    threads: int = 0  # Theirs.
    context: int = 2048
    characters: int = 900  # Of each file, in the steady run …
    timed_characters: int = 300  # … and in human time.
    rule: str = "full"
    speed: float = 1.0
    seed: int = 7
    delays: tuple[float, ...] = ()  # Recorded ones.


def measure(
    files: Mapping[str, Sequence[Path]], plan: Plan, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """The report. Raises PolyError where a contestant does not start."""
    report: dict[str, Any] = {"benchmark": "replay", "machine": machine(), "model": ""}
    offered: dict[Path, set[int]] = {}
    if plan.steady:
        report["model"], typed = _steady(files, plan, say)
        offered = {one.piece.file: one.offered for one in typed}
        report |= quality.summary(typed)
    if plan.whole_line:
        report["whole_line"] = _whole_line(files, plan, say)
    for name in (*plan.clients, *plan.rivals):
        contestant = _contestant(name, plan)
        try:
            report["model"] = report["model"] or getattr(contestant, "model", "")
            row = _timed(contestant, name, files, plan, offered, say)
        finally:
            contestant.quit()
        report.setdefault("timed", {})[name] = row
        report.setdefault("files", row["files"])
    claims = targets.claims(report, human_speed=plan.speed == 1)
    return {
        **report,
        "settings": plan.settings,
        "rule": plan.rule,
        "speed": plan.speed,
        "seed": plan.seed,
        "claims": [claim.row() for claim in claims],
        "summary": [str(claim) for claim in claims],
    }


def minutes(files: Mapping[str, Sequence[Path]], plan: Plan) -> float:
    """About how long the part in human time is going to take."""
    characters = sum(len(piece) for piece in pieces(files, plan.timed_characters))
    contestants = len(plan.clients) + len(plan.rivals)
    return contestants * characters * _SECONDS_PER_KEY / plan.speed / 60


def _steady(
    files: Mapping[str, Sequence[Path]], plan: Plan, say: Callable[[str], None]
) -> tuple[str, list[Typed]]:
    server = steady.Server(plan.settings)
    try:
        return server.model, _played(server, files, plan, say, "steady")
    finally:
        server.quit()


def _whole_line(
    files: Mapping[str, Sequence[Path]], plan: Plan, say: Callable[[str], None]
) -> dict[str, Any]:
    from polylsp.bench.replay.wholeline import WholeLine
    from polylsp.completer import load
    from polylsp.config import parse

    config, _ = parse(plan.settings)
    source = WholeLine(load(config), config)
    return quality.summary(_played(source, files, plan, say, "whole lines"))


def _played(
    source: steady.Source,
    files: Mapping[str, Sequence[Path]],
    plan: Plan,
    say: Callable[[str], None],
    what: str,
) -> list[Typed]:
    typed = []
    for piece in pieces(files, plan.characters):
        say(f"{what}: {piece.language} {piece.file.name}")
        typed.append(steady.play(source, piece, plan.rule))
    return typed


def _timed(
    contestant: Contestant,
    name: str,
    files: Mapping[str, Sequence[Path]],
    plan: Plan,
    offered: Mapping[Path, set[int]],
    say: Callable[[str], None],
) -> dict[str, Any]:
    typed = []
    for index, piece in enumerate(pieces(files, plan.timed_characters)):
        say(f"{name}: {piece.language} {piece.file.name}")
        # Each piece by the same hand for everybody: the same keys, as far as what is accepted lets them.
        hand = Hand(plan.seed + index, plan.speed, plan.delays)
        typed.append(Typist(contestant, hand, rule=plan.rule).type(piece))
    idle = _idle(contestant, WallClock()) if plan.speed == 1 else {}
    worth = quality.summary(typed)
    return {"name": name, **worth, **timing.summary(contestant, typed, offered), **idle}


def _idle(contestant: Contestant, clock: Clock) -> dict[str, float]:
    """Cores that are busy once nobody has typed for a while; nothing where the system does not tell."""
    clock.sleep(_RESTING)
    before, since = contestant.cpu_seconds(), clock.now()
    clock.sleep(_WATCHED)
    cores = (contestant.cpu_seconds() - before) / (clock.now() - since)
    return {} if math.isnan(cores) else {"idle_cores": round(cores, 4)}


def _contestant(name: str, plan: Plan) -> Contestant:
    if name in CLIENTS:
        return CLIENTS[name](plan.settings, plan.speed)
    if plan.gguf is None:
        raise PolyError(f"{name} has no weights to run: name them with --weights")
    try:
        module = importlib.import_module(f"polylsp.bench.replay.{name}")
    except ImportError as error:
        raise PolyError(f"{name} needs {error.name}: pip install 'polylsp[gguf]'") from error
    rival: Contestant = getattr(module, RIVALS[name])(
        gguf=plan.gguf, threads=plan.threads, context=plan.context
    )
    return rival
