"""The whole benchmark: the steady run, the same pieces in human time on each contestant, and the report."""

from __future__ import annotations

import importlib
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from polylsp.bench.claims import machine
from polylsp.bench.replay import quality, steady, targets, timing
from polylsp.bench.replay.contestant import Contestant
from polylsp.bench.replay.editors import CLIENTS
from polylsp.bench.replay.keys import Hand
from polylsp.bench.replay.pieces import Piece, pieces
from polylsp.bench.replay.record import Typed
from polylsp.bench.replay.typist import Clock, Typist, WallClock
from polylsp.bench.replay.workspaces import Workspaces
from polylsp.errors import PolyError

# Rivals: module and class, called with a GGUF file, threads and context.
RIVALS = {"llamavim": "LlamaVim", "naive": "Naive"}
MEMORIES: dict[str, dict[str, Any]] = {
    "off": {"enabled": False},
    "document": {"workspace": False},
    "all": {},
}
_SECONDS_PER_KEY = 0.25  # About.
_RESTING = 10.0  # Seconds after the last key until a server must be still …
_WATCHED = 5.0  # … and is watched.


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run."""

    settings: dict[str, Any]  # The server's.
    steady: bool = True
    whole_line: bool = False
    memory: str = "document"  # What of the user's own code weighs in, one of `MEMORIES`.
    beside: str = ""  # The steady run once more with other memory; "": not.
    roots: tuple[Path, ...] = ()  # The packages of the files, for `memory` of all.
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


@runtime_checkable
class InWorkspace(Protocol):
    """Who can be told in which folder the user works."""

    def work_in(self, folder: Path) -> None: ...


def measure(
    files: Mapping[str, Sequence[Path]], plan: Plan, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """The report. Raises PolyError where a contestant does not start."""
    with tempfile.TemporaryDirectory() as temporary:
        workspaces = Workspaces(Path(temporary), plan.roots)
        report = {"memory": plan.memory, **_report(files, plan, workspaces, say)}
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


def _report(
    files: Mapping[str, Sequence[Path]],
    plan: Plan,
    workspaces: Workspaces,
    say: Callable[[str], None],
) -> dict[str, Any]:
    report: dict[str, Any] = {"benchmark": "replay", "machine": machine(), "model": ""}
    offered: dict[Path, set[int]] = {}
    if plan.steady:
        report["model"], typed = _steady(files, plan, workspaces, say)
        offered = {one.piece.file: one.offered for one in typed}
        report |= quality.summary(typed)
    if plan.beside:
        other = replace(plan, memory=plan.beside)
        typed = _steady(files, other, workspaces, say)[1]
        report["beside"] = {"memory": plan.beside, **quality.summary(typed)}
    if plan.whole_line:
        report["whole_line"] = _whole_line(files, plan, say)
    for name in (*plan.clients, *plan.rivals):
        contestant = _contestant(name, plan, workspaces)
        try:
            report["model"] = report["model"] or getattr(contestant, "model", "")
            row = _timed(
                contestant, name, _pieces(files, plan, workspaces, contestant), plan, offered, say
            )
        finally:
            contestant.quit()
        report.setdefault("timed", {})[name] = row
        report.setdefault("files", row["files"])
    return report


def _pieces(
    files: Mapping[str, Sequence[Path]],
    plan: Plan,
    workspaces: Workspaces,
    who: object,
    characters: int | None = None,
) -> Iterator[Piece]:
    """What `who` types: where all is remembered, each in a workspace of its own, once that is indexed."""
    for piece in pieces(files, characters or plan.timed_characters):
        if plan.memory != "all":
            yield piece
            continue
        placed, folder = workspaces.around(piece)
        if isinstance(who, InWorkspace):  # A rival knows of none.
            who.work_in(folder)
        yield placed


def _steady(
    files: Mapping[str, Sequence[Path]],
    plan: Plan,
    workspaces: Workspaces,
    say: Callable[[str], None],
) -> tuple[str, list[Typed]]:
    server = steady.Server(_settings(plan), workspaces.environment)
    try:
        found = _pieces(files, plan, workspaces, server, plan.characters)
        return server.model, _played(server, found, plan, say, f"steady, memory {plan.memory}")
    finally:
        server.quit()


def _settings(plan: Plan) -> dict[str, Any]:
    return {**plan.settings, "memory": MEMORIES[plan.memory]}


def _whole_line(
    files: Mapping[str, Sequence[Path]], plan: Plan, say: Callable[[str], None]
) -> dict[str, Any]:
    from polylsp.bench.replay.wholeline import WholeLine
    from polylsp.completer import load
    from polylsp.config import parse

    config, _ = parse(plan.settings)
    source = WholeLine(load(config), config)
    found = pieces(files, plan.characters)
    return quality.summary(_played(source, found, plan, say, "whole lines"))


def _played(
    source: steady.Source,
    found: Iterator[Piece],
    plan: Plan,
    say: Callable[[str], None],
    what: str,
) -> list[Typed]:
    typed = []
    for piece in found:
        say(f"{what}: {piece.language} {piece.file.name}")
        typed.append(steady.play(source, piece, plan.rule))
    return typed


def _timed(
    contestant: Contestant,
    name: str,
    found: Iterator[Piece],
    plan: Plan,
    offered: Mapping[Path, set[int]],
    say: Callable[[str], None],
) -> dict[str, Any]:
    typed = []
    for index, piece in enumerate(found):
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


def _contestant(name: str, plan: Plan, workspaces: Workspaces) -> Contestant:
    if name in CLIENTS:
        return CLIENTS[name](_settings(plan), plan.speed, workspaces.environment)
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
